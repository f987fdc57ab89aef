// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import RawStructuredFieldValues

/// One member of `Cache-Control` or of a field of its kind (RFC 9111, section 5.2).
struct CacheDirective: Hashable {
    /// What follows the name.
    enum Argument: Hashable {
        case none
        /// A token, or what is in quotes.
        case text(String)
        /// What is none of these.
        case unreadable
    }

    /// In lower case.
    var name: String
    var argument: Argument

    /// The argument as seconds: more than fits counts as the most that RFC 9111, section 1.2.2, wants to be told apart. Nil when
    /// it is no such number.
    var seconds: Int? {
        guard case .text(let text) = self.argument else { return nil }
        return text.digits.map { min($0, 1 << 31) }
    }

    /// The argument as names of fields.
    var fieldNames: [HTTPField.Name] {
        guard case .text(let text) = self.argument else { return [] }
        return HTTPFields.members(of: text).compactMap { HTTPField.Name(String($0)) }
    }

    /// The directives in the lines of a field; what is no directive is passed over.
    static func parse(_ lines: [String]) -> [CacheDirective] {
        lines.flatMap { HTTPFields.members(of: $0) }.compactMap { member in
            let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0]
            // Spaces are no part of a name, and none may stand before the equals sign.
            guard HTTPField.Name(String(name)) != nil else { return nil }
            return CacheDirective(
                name: name.lowercased(), argument: parts.count == 1 ? .none : Argument(parts[1]))
        }
    }

    /// The directives of a targeted field, a dictionary (RFC 9213, section 2.1); nil when it is none, or empty, and to be ignored.
    static func parse(targeted lines: [String]) -> [CacheDirective]? {
        var parser = StructuredFieldValueParser(Array(lines.joined(separator: ",").utf8))
        guard let members = try? parser.parseDictionaryFieldValue(), members.count > 0 else { return nil }
        return members.compactMap { name, member in
            guard case .item(let item) = member else { return CacheDirective(name: name, argument: .unreadable) }
            switch item.rfc9651BareItem {
            case .bool(let isSet): return isSet ? CacheDirective(name: name, argument: .none) : nil
            case .integer(let number): return CacheDirective(name: name, argument: .text("\(number)"))
            default: return CacheDirective(name: name, argument: .unreadable)
            }
        }
    }
}

extension CacheDirective.Argument {
    fileprivate init(_ text: Substring) {
        if text.first == "\"" {
            guard let unquoted = text.unquoted else {
                self = .unreadable
                return
            }
            self = .text(unquoted)
        } else {
            // A token has the characters of a name.
            self = HTTPField.Name(String(text)) == nil ? .unreadable : .text(String(text))
        }
    }
}

extension Substring {
    /// What a quoted string says; nil when it is none.
    fileprivate var unquoted: String? {
        guard self.utf8.count >= 2, self.first == "\"", self.last == "\"" else { return nil }
        var text = ""
        var isEscaped = false
        for character in self.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else if !isEscaped, character == "\"" {
                return nil
            } else {
                isEscaped = false
                text.append(character)
            }
        }
        return isEscaped ? nil : text
    }
}
