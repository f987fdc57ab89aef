// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Larder
import NIOCore

extension HTTPField.Name {
    // The name is a token as RFC 9110 wants it, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let xCache = HTTPField.Name("X-Cache")!
}

extension Response {
    init(json body: ByteBuffer, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// A value that was not cached, written as the cache writes it.
    init(encoding value: some Encodable) throws {
        self.init(json: try JSONCacheCodec().encode(value))
    }

    /// The stored bytes as they are; 404 for an absence.
    init(cached result: CacheResult<ByteBuffer?>, orNotFound message: String) throws {
        let headers: HTTPFields = [.xCache: result.source == .hit ? "HIT" : "MISS"]
        guard let body = result.value else {
            throw HTTPError(.notFound, headers: headers, message: message)
        }
        self.init(json: body, headers: headers)
    }
}
