// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

extension HTTPFields {
    /// The members of a field that is a list, over all its lines (RFC 9110, section 5.6.1): without the space around them, and
    /// without empty ones. A comma in a quoted string separates nothing.
    func members(of name: HTTPField.Name) -> [Substring] {
        self[values: name].flatMap { Self.members(of: $0) }
    }

    /// The members of one line of a list.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - hasEscapes: Whether a backslash in quotes makes the next character a plain one, as it does in a quoted string but not in an
    ///     entity tag.
    static func members(of line: String, hasEscapes: Bool = true) -> [Substring] {
        var members: [Substring] = []
        var start = line.startIndex
        var isQuoted = false
        var isEscaped = false
        func add(upTo end: String.Index) {
            let member = line[start..<end].trimmed
            if !member.isEmpty { members.append(member) }
        }
        for index in line.utf8.indices {
            switch line.utf8[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted && hasEscapes: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                add(upTo: index)
                start = line.utf8.index(after: index)
            default: break
            }
        }
        add(upTo: line.endIndex)
        return members
    }

    /// Says when a response came that does not say when it was made (RFC 9110, section 6.6.1).
    mutating func date(received: HTTPDate) {
        if !self.contains(.date) { self.append(HTTPField(name: .date, value: received.description)) }
    }

    /// The one value of a field that is no list; nil without it, and when its lines contradict each other.
    func single(_ name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            if let found, found != field.value { return nil }
            found = field.value
        }
        return found
    }
}

extension StringProtocol {
    /// The number that the text is, in digits alone; the most that there is for one that is larger. Nil for anything else.
    var digits: Int? {
        guard !self.isEmpty, self.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(self) ?? .max
    }
}

extension Substring {
    /// Without optional white space around it: spaces and tabs.
    var trimmed: Substring {
        var bytes = self.utf8
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension HTTPField.Name {
    /// A name that is known to be a token.
    // Only literals are passed.
    // swift-format-ignore: NeverForceUnwrap
    init(literal: StaticString) { self.init("\(literal)")! }

    static let age = HTTPField.Name(literal: "Age")
    static let cacheGroups = HTTPField.Name(literal: "Cache-Groups")
    static let cacheGroupInvalidation = HTTPField.Name(literal: "Cache-Group-Invalidation")
    static let cacheStatus = HTTPField.Name(literal: "Cache-Status")
    static let cdnCacheControl = HTTPField.Name(literal: "CDN-Cache-Control")
    static let keepAlive = HTTPField.Name(literal: "Keep-Alive")
    static let noVarySearch = HTTPField.Name(literal: "No-Vary-Search")
    static let pragma = HTTPField.Name(literal: "Pragma")
    static let proxyConnection = HTTPField.Name(literal: "Proxy-Connection")
    static let xForwardedProto = HTTPField.Name(literal: "X-Forwarded-Proto")
    static let xCache = HTTPField.Name(literal: "X-Cache")
}
