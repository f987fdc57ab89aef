// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Larder
import NIOCore

extension HTTPField.Name {
    // The names are tokens as RFC 9110 wants them, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let xCache = HTTPField.Name("X-Cache")!
    // swift-format-ignore: NeverForceUnwrap
    static let xInvalidation = HTTPField.Name("X-Invalidation")!
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

    /// What a write has left. `X-Invalidation` says whether all processes know of it: `applied`, or `queued`.
    init<Value>(written: Written<Value>) throws {
        try self.init(encoding: written.value)
        self.headers[.xInvalidation] = written.invalidation.rawValue
    }

    /// What a write of a product has left; it ends the responses that show its category.
    init(product: Written<ProductPage>) throws {
        try self.init(written: product)
        self.headers[.cacheGroupInvalidation] = "\"\(PageRoutes.group(ofCategory: product.value.category))\""
    }

    /// The stored bytes as they are; 404 for an absence.
    init(cached result: CacheResult<ByteBuffer?>, orNotFound message: String) throws {
        // Whichever copy it is from.
        let source = result.source == .nearHit ? .hit : result.source
        let headers: HTTPFields = [.xCache: source.description.uppercased()]
        guard let body = result.value else {
            throw HTTPError(.notFound, headers: headers, message: message)
        }
        self.init(json: body, headers: headers)
    }
}
