// SPDX-License-Identifier: Apache-2.0

import Crypto
import HTTPTypes
import RawStructuredFieldValues

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What ends stored responses: the tags that they carry, and those that an answer ends (RFC 9111, section 4.4; RFC 9875).
enum Invalidation {
    /// How many groups of one response count.
    private static let maximumGroups = 64

    /// Whether a method changes nothing (RFC 9110, section 9.2.1).
    static func isSafe(_ method: HTTPRequest.Method) -> Bool {
        [.get, .head, .options, .trace].contains(method)
    }

    /// The tag of everything that is stored for a URL.
    static func tag(of url: RequestURL) -> String { Self.tag("http:u:", url.text) }

    /// The tag of everything that is stored for a path by parts of its query.
    static func pathTag(of url: RequestURL) -> String {
        Self.tag("http:p:", url.origin + url.path)
    }

    /// The tags that end all that is stored for a URL.
    static func tags(of url: RequestURL) -> [String] { [Self.tag(of: url), Self.pathTag(of: url)] }

    /// The tags for the groups that a response belongs to.
    static func groupTags(in fields: HTTPFields, of url: RequestURL) -> [String] {
        Self.groups(in: fields, .cacheGroups).map { Self.tag("http:g:", url.origin + " " + $0) }
    }

    /// What the answer to a request ends: the URL of one that may have changed something, those that it points to in the same origin,
    /// and the groups that it names. Nothing when it failed.
    static func tags(endedBy response: HTTPResponse, to method: HTTPRequest.Method, _ url: RequestURL) -> [String] {
        guard !Self.isSafe(method), (200...399).contains(response.status.code) else { return [] }
        let fields = response.headerFields
        let others = [HTTPField.Name.location, .contentLocation].compactMap { name in
            fields.single(name).flatMap { url.resolving($0) }
        }
        let urls = Set([url] + others.filter { $0.isOfOrigin(of: url) })
        let groups = Self.groups(in: fields, .cacheGroupInvalidation)
        return urls.flatMap(Self.tags(of:)) + groups.map { Self.tag("http:g:", url.origin + " " + $0) }
    }

    /// The strings in a list; none when it is no list of strings.
    private static func groups(in fields: HTTPFields, _ name: HTTPField.Name) -> [String] {
        let lines = fields[values: name]
        guard !lines.isEmpty else { return [] }
        var parser = StructuredFieldValueParser(Array(lines.joined(separator: ",").utf8))
        guard let members = try? parser.parseListFieldValue() else { return [] }
        var groups: [String] = []
        for member in members.prefix(Self.maximumGroups) {
            guard case .item(let item) = member, case .string(let group) = item.rfc9651BareItem else { return [] }
            groups.append(group)
        }
        return groups
    }

    /// A tag for a text of any length.
    private static func tag(_ prefix: String, _ text: String) -> String {
        if text.utf8.count <= 400 { return prefix + text }
        return prefix + "~" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }
}
