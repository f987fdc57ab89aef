// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// What a session holds as bytes that only the service can read, for one session, in one version.
struct SessionSeal: Sendable {
    private let seal: Seal
    private let codec = MessagePackCacheCodec()
    private let maximumSize: Int

    /// What is encrypted.
    struct Content<Value: Codable>: Codable {
        var user: String?
        var tenant: String?
        var device: String?
        var value: Value
    }

    /// Where a payload belongs.
    struct Place {
        var key: String
        var digest: SessionDigest
        var version: UInt64
    }

    init(_ keys: SessionKeys, purpose: String, maximumSize: Int) {
        self.seal = Seal(keys.sealing, purpose: purpose)
        self.maximumSize = maximumSize
    }

    /// The content as it is encrypted.
    func encode(_ content: some Encodable) throws -> ByteBuffer {
        let bytes: ByteBuffer
        do {
            bytes = try self.codec.encode(content)
        } catch {
            throw SessionError(.notEncodable, "the value of the session cannot be encoded", cause: error)
        }
        guard bytes.readableBytes <= self.maximumSize else {
            throw SessionError(
                .tooLarge,
                "the session would take \(bytes.readableBytes) bytes of the \(self.maximumSize) that it may")
        }
        return bytes
    }

    func close(_ bytes: ByteBuffer, for place: Place) throws -> ByteBuffer {
        var payload = ByteBuffer(integer: self.seal.current)
        payload.writeImmutableBuffer(try self.seal.close(bytes, with: Self.context(place)))
        return payload
    }

    /// What was encrypted; nil when no key opens it there.
    func open(_ payload: ByteBuffer, at place: Place) -> ByteBuffer? {
        var payload = payload
        guard let id = payload.readInteger(as: UInt32.self) else { return nil }
        return try? self.seal.open(payload, by: id, with: Self.context(place))
    }

    func decode<Content: Decodable>(_ bytes: ByteBuffer) -> Content? {
        try? self.codec.decode(Content.self, from: bytes)
    }

    private static func context(_ place: Place) -> [UInt8] {
        // The digest has its own length, and keys hold no space.
        Array("\(place.key) \(place.digest.text) \(place.version)".utf8)
    }
}
