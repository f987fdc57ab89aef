// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The part of a representation that a request wants (RFC 9110, section 14).
enum ByteRange: Equatable {
    /// All of it: the request names no part, or several, or none that it can mean.
    case whole
    case part(Range<Int>)
    /// One that there is not.
    case unsatisfiable

    /// What a request wants of a stored response.
    ///
    /// - Parameters:
    ///   - request: The fields of the request.
    ///   - response: Those of the stored response.
    ///   - length: How many bytes that has.
    ///   - received: When it was received.
    init(_ request: HTTPFields, of response: HTTPFields, length: Int, received: HTTPDate) {
        self = .whole
        guard let value = request.single(.range), Self.mayBePart(request, response, received) else { return }
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return }
        let ends = parts[1].trimmed.split(separator: "-", omittingEmptySubsequences: false)
        // Several ranges are answered by the whole.
        guard ends.count == 2, !parts[1].contains(","), let first = Self.number(ends[0]),
            let last = Self.number(ends[1])
        else { return }
        switch (first, last) {
        case (nil, nil): return
        case (nil, .some(let count)):
            // The last bytes of nothing are all of it.
            if count > 0, length == 0 { return }
            self = count == 0 ? .unsatisfiable : .part(length - min(count, length)..<length)
        case (.some(let start), nil):
            self = start < length ? .part(start..<length) : .unsatisfiable
        case (.some(let start), .some(let end)):
            guard end >= start else { return }
            self = start < length ? .part(start..<min(end, length - 1) + 1) : .unsatisfiable
        }
    }

    /// Whether the part fits to what the client has (RFC 9110, section 13.1.5): only what is the same for certain.
    private static func mayBePart(_ request: HTTPFields, _ response: HTTPFields, _ received: HTTPDate) -> Bool {
        guard request.contains(.ifRange) else { return true }
        guard let condition = request.single(.ifRange) else { return false }
        if let tag = EntityTag(condition[...].trimmed) {
            return response.entityTag?.matchesStrongly(tag) ?? false
        }
        guard let date = HTTPDate(condition, now: received),
            let modified = response.single(.lastModified).flatMap({ HTTPDate($0, now: received) }), modified == date
        else { return false }
        // Strong only if it was not changed twice in that second (RFC 9110, section 8.8.2.2).
        let made = response.single(.date).flatMap { HTTPDate($0, now: received) } ?? received
        return made.seconds - modified.seconds >= 1
    }

    /// A number, or nil inside for none at all, or nil for something else. More than fits is the most that does.
    private static func number(_ text: Substring) -> Int?? {
        text.isEmpty ? .some(nil) : text.digits.map { .some($0) }
    }
}
