// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import NIOFoundationEssentialsCompat

extension StorefrontContext {
    /// The number in the path.
    func id() throws -> Int {
        let text = try self.parameters.require("id")
        guard let id = Int(text) else {
            throw HTTPError(.badRequest, message: "an id is a number")
        }
        return id
    }
}

extension Request {
    /// The largest body that is read.
    private static let maximumBodySize = 64 << 10

    /// A positive number in the query.
    func number(_ name: Substring, default value: Int? = nil) throws -> Int {
        guard let text = self.uri.queryParameters[name] else {
            if let value { return value }
            throw HTTPError(.badRequest, message: "the query needs \(name)=<number>")
        }
        guard let number = Int(text), (1...1_000_000).contains(number) else {
            throw HTTPError(.badRequest, message: "\(name) is a number from 1 to 1000000")
        }
        return number
    }

    /// The body, as JSON.
    func json<Body: Decodable>(_ type: Body.Type) async throws -> Body {
        let bytes = try await self.body.collect(upTo: Self.maximumBodySize)
        return try Self.reading("JSON") { try JSONDecoder().decode(type, from: bytes) }
    }

    /// The body, as a form when it says that it is one, else as JSON. Tools send JSON as a form unless they are told: what begins as an
    /// object is one.
    func jsonOrForm<Body: Decodable>(_ type: Body.Type) async throws -> Body {
        let bytes = try await self.body.collect(upTo: Self.maximumBodySize)
        let isForm = self.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        guard isForm, bytes.readableBytesView.first != UInt8(ascii: "{") else {
            return try Self.reading("JSON") { try JSONDecoder().decode(type, from: bytes) }
        }
        return try Self.reading("form") { try URLEncodedFormDecoder().decode(type, from: String(buffer: bytes)) }
    }

    private static func reading<Body>(_ form: String, _ body: () throws -> Body) throws -> Body {
        do {
            return try body()
        } catch is URLEncodedFormError {
            // It repeats what it could not read, which may be a password.
            throw HTTPError(.badRequest, message: "the body is not the \(form) expected")
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, message: "the body is not the \(form) expected: \(error.summary)")
        }
    }
}

extension DecodingError {
    fileprivate var summary: String {
        let context =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            @unknown default:
                Context(codingPath: [], debugDescription: "unreadable")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}
