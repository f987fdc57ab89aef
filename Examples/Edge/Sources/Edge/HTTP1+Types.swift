// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import LarderHTTP
import NIOCore
import NIOHTTP1

extension HTTPFields {
    /// The lines as they came; what is no field is left out.
    init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            self.append(HTTPField(name: name, value: value))
        }
    }
}

extension HTTPHeaders {
    init(_ fields: HTTPFields) {
        self.init(fields.map { ($0.name.rawName, $0.value) })
    }
}

extension HTTPRequest {
    /// A request as the cache is asked; the fields of its connection stay behind. Nil for one that names no method.
    init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else { return nil }
        var authority = head.headers.first(name: "Host")
        var target = Substring(head.uri)
        // A target with an authority of its own is for that (RFC 9112, section 3.2.2).
        if target.lowercased().hasPrefix("http://") {
            let rest = target.dropFirst("http://".count)
            let named = rest.prefix { $0 != "/" && $0 != "?" }
            authority = String(named)
            target = rest.dropFirst(named.count)
            if target.first != "/" { target = "/" + target }
        }
        self.init(method: method, scheme: "http", authority: authority, path: String(target))
        self.headerFields = HTTPFields(head.headers).endToEnd
        self.headerFields[.host] = nil
    }
}

extension HTTPField.Name {
    // The name is a token, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let host = HTTPField.Name("Host")!
}

extension HTTPRequestHead {
    /// A request as the origin is asked.
    init(_ request: HTTPRequest, host: String, body: BodyLength) {
        var headers = HTTPHeaders([("Host", request.authority ?? host)])
        headers.add(contentsOf: HTTPHeaders(request.headerFields))
        headers.remove(name: "Content-Length")
        switch body {
        case .none: break
        case .known(let length): headers.add(name: "Content-Length", value: "\(length)")
        case .unknown: headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        headers.add(name: "Connection", value: "close")
        self.init(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.path ?? "/",
            headers: headers)
    }
}

/// How long a message's body is.
enum BodyLength {
    case none
    case known(Int)
    case unknown

    /// Whether there is one.
    var isBody: Bool {
        if case .none = self { false } else { true }
    }

    /// Nil for a length that is none, or too much.
    init?(_ headers: HTTPHeaders) {
        if headers.contains(name: "Transfer-Encoding") {
            self = .unknown
        } else if let text = headers.first(name: "Content-Length") {
            guard let length = Int(text) else { return nil }
            self = length > 0 ? .known(length) : .none
        } else {
            self = .none
        }
    }
}
