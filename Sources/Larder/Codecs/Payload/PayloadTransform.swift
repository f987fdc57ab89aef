// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// What is done to a payload between codec and store: it is compressed, then sealed, if the region wants that.
struct PayloadTransform: Sendable {
    /// From how many bytes on payloads are compressed; nil for never.
    var compressionThreshold: Int?
    var seal: PayloadSeal?
    /// The largest payload that comes back from a compressed one.
    var maximumSize: Int

    func apply(to entry: inout Entry, under key: CacheKey) throws {
        #if Compression
        if let threshold = self.compressionThreshold, entry.payload.readableBytes >= threshold,
            let smaller = Zlib.compress(entry.payload),
            smaller.readableBytes * 10 <= entry.payload.readableBytes * 9
        {
            entry.payload = smaller
            entry.codec.compression = .zlib
        }
        #endif
        try self.seal?.close(&entry, under: key)
    }

    /// - Throws: When the entry is not sealed as the region's values are.
    func checkSeal(of entry: Entry) throws {
        let isFitting = self.seal?.knows(entry) ?? !entry.codec.isSealed
        guard isFitting else { throw Undecodable(reason: "a value that is not sealed as those of the region are") }
    }

    /// The payload of an entry as its codec wrote it; its seal was checked.
    func payload(of entry: Entry, under key: CacheKey) throws -> ByteBuffer {
        let payload = try self.seal?.open(entry, under: key) ?? entry.payload
        switch entry.codec.compression {
        case .none: return payload
        #if Compression
        case .zlib: return try Zlib.decompress(payload, upTo: self.maximumSize)
        #endif
        case let other: throw Undecodable(reason: "compression \(other.rawValue), which this build cannot read")
        }
    }
}

extension Entry {
    /// The payload as its codec wrote it, for somebody who has no keys.
    ///
    /// - Parameter maximumSize: The largest that comes of a compressed one.
    /// - Throws: When it is sealed, or cannot be read.
    package func openPayload(upTo maximumSize: Int, under key: CacheKey) throws -> ByteBuffer {
        if self.codec.isSealed {
            throw Undecodable(reason: "it is sealed by the key \(self.metadata.sealingKey.map { "\($0)" } ?? "?")")
        }
        return try PayloadTransform(maximumSize: maximumSize).payload(of: self, under: key)
    }
}
