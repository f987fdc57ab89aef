// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOCore

/// What is stored for a URL, or a variant of it.
struct StoredResponse: Sendable {
    /// A response, whole.
    struct Content: Sendable {
        var status: HTTPResponse.Status
        var fields: HTTPFields
        var body: ByteBuffer
        /// Which requests it is for.
        var variant: Variant
        /// How old it was when its request was sent.
        var initialAge: Duration
        /// How long it had not been fresh when it was stored.
        var overdue: Duration
        /// When it was received, by the clock of who did.
        var received: HTTPDate
        /// Whether it has to be validated for each use.
        var needsValidation: Bool
        /// Whether it must not be used past its freshness.
        var isNeverStale: Bool
        /// Whether requests with credentials may be answered by it.
        var isForCredentials: Bool
    }

    enum Kind: Sendable {
        case response(Content)
        /// What comes from there cannot be stored, so nobody is to wait for it.
        case pass
    }

    var kind: Kind
    /// How it is to be stored; nothing that is stored itself.
    var policy = CachePolicy.doNotStore
    var tags: [String] = []
    /// How long it took to come, and how long it is fresh from then on; nothing that is stored itself.
    var delay = Duration.zero
    var fresh = Duration.zero

    /// Something that is not stored, and passed to nobody.
    static let unstored = StoredResponse(kind: .pass)
}

extension StoredResponse: Codable {
    init(from decoder: any Decoder) throws {
        throw NotItsCodec()
    }

    func encode(to encoder: any Encoder) throws {
        throw NotItsCodec()
    }

    private struct NotItsCodec: Error {}
}
