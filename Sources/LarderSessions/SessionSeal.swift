// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// What a session holds as bytes that only the service can read, for one session, in one version.
struct SessionSeal: Sendable {
    private let seal: Seal

    /// Where a payload belongs.
    struct Place {
        var key: String
        var digest: SessionDigest
        var version: UInt64
    }

    init(_ keys: SessionKeys, purpose: String) {
        self.seal = Seal(keys.sealing, purpose: purpose)
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

    private static func context(_ place: Place) -> [UInt8] {
        // The digest has its own length, and so does the version.
        var bytes = Array(place.key.utf8)
        bytes.append(contentsOf: place.digest.text.utf8)
        withUnsafeBytes(of: place.version.bigEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
