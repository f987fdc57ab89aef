// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// What a request asks for only under a condition that a stored response can answer (RFC 9111, section 4.3.2; RFC 9110, section 13).
enum Precondition {
    /// The fields that ask so.
    static let fields: [HTTPField.Name] = [
        .ifNoneMatch, .ifModifiedSince, .ifMatch, .ifUnmodifiedSince, .ifRange,
    ]

    /// The fields that an answer of 304 keeps of the response that it stands for (RFC 9110, section 15.4.5).
    private static let keptFields: Set<HTTPField.Name> = [
        .cacheControl, .contentLocation, .date, .eTag, .expires, .vary, .age, .cacheStatus, .xCache, .cdnCacheControl,
        .setCookie,
    ]

    /// The fields of an answer of 304 that stands for a response.
    static func notModified(_ response: HTTPFields) -> HTTPFields {
        HTTPFields(response.filter { Self.keptFields.contains($0.name) })
    }

    /// Whether a client that has a response already has this one.
    ///
    /// - Parameters:
    ///   - request: The fields of the request.
    ///   - response: Those of the stored response.
    ///   - received: When it was received, where it does not say when it was made.
    static func isNotModified(_ request: HTTPFields, _ response: HTTPFields, received: HTTPDate) -> Bool {
        if request.contains(.ifNoneMatch) {
            // One tag, as it was sent: what nearly all clients ask.
            if let only = request.single(.ifNoneMatch), only == response.single(.eTag), EntityTag(only[...]) != nil {
                return true
            }
            let members = request[values: .ifNoneMatch].flatMap { HTTPFields.members(of: $0, hasEscapes: false) }
            if members == ["*"] { return true }
            guard let tag = response.entityTag else { return false }
            return members.contains { EntityTag($0)?.matchesWeakly(tag) ?? false }
        }
        guard let since = request.single(.ifModifiedSince).flatMap({ HTTPDate($0, now: received) }) else {
            return false
        }
        return response.lastChange(received: received) <= since
    }
}

extension HTTPFields {
    /// The tag of the representation.
    var entityTag: EntityTag? { self.single(.eTag).flatMap { EntityTag($0[...].trimmed) } }

    /// When the representation was changed, or made, or received.
    fileprivate func lastChange(received: HTTPDate) -> HTTPDate {
        for name in [HTTPField.Name.lastModified, .date] {
            if let date = self.single(name).flatMap({ HTTPDate($0, now: received) }) { return date }
        }
        return received
    }
}
