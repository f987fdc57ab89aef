// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// Asking whether a stored response is still good, and what becomes of the answer (RFC 9111, sections 4.3 and 3.2).
enum Validation {
    /// The fields of a stored response that the answer does not change.
    private static let kept: Set<HTTPField.Name> = [
        .contentLength, .contentEncoding, .contentRange, HTTPField.Name(literal: "Content-MD5"),
    ]

    /// A request with the question in it.
    static func request(_ request: HTTPRequest, for stored: HTTPFields) -> HTTPRequest {
        var request = request
        for name in Precondition.fields { request.headerFields[fields: name] = [] }
        if let tag = stored.entityTag { request.headerFields[.ifNoneMatch] = (tag.isWeak ? "W/" : "") + tag.opaque }
        if let date = stored.single(.lastModified) { request.headerFields[.ifModifiedSince] = date }
        return request
    }

    /// Whether an answer of 304 is about what is stored: not when it names another representation.
    static func confirms(_ answer: HTTPFields, _ stored: HTTPFields) -> Bool {
        guard let new = answer.entityTag else { return true }
        guard let old = stored.entityTag else { return false }
        return new.isWeak || old.isWeak ? new.matchesWeakly(old) : new.matchesStrongly(old)
    }

    /// Whether the fields of an answer to HEAD are those of what is stored.
    static func describes(_ answer: HTTPFields, _ content: StoredContent) -> Bool {
        if let length = answer.single(.contentLength), Int(length) != content.body.readableBytes { return false }
        for name in [HTTPField.Name.eTag, .lastModified] {
            if let value = answer.single(name), value != content.fields.single(name) { return false }
        }
        return true
    }

    /// Whether two responses have the same validator, by which they are the same representation.
    static func identifies(_ answer: HTTPFields, _ stored: HTTPFields) -> Bool {
        [HTTPField.Name.eTag, .lastModified].contains { name in
            answer.single(name).map { $0 == stored.single(name) } ?? false
        }
    }

    /// The fields of a stored response with those of an answer of 304.
    static func merged(_ stored: HTTPFields, with answer: HTTPFields) -> HTTPFields {
        var merged = stored
        let answer = answer.endToEnd
        var replaced: Set<HTTPField.Name> = []
        for field in answer where !Self.kept.contains(field.name) {
            if replaced.insert(field.name).inserted { merged[fields: field.name] = answer[fields: field.name] }
        }
        return merged
    }
}
