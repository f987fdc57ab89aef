// SPDX-License-Identifier: Apache-2.0

public import NIOCore

extension Entry {
    static let magic: UInt8 = 0xCA
    static let version: UInt8 = 1
    static let headerLength = 40
    /// The part of the header that tells one state of an entry from another: all but the metadata's length.
    static let imageLength = 36

    /// Reads an entry from the whole of `bytes`; nil for anything but a complete entry of this version.
    public init?(decoding bytes: ByteBuffer) {
        var bytes = bytes
        guard
            let (magic, version, kindByte, codec) = bytes.readMultipleIntegers(
                as: (UInt8, UInt8, UInt8, UInt8).self),
            magic == Self.magic, version == Self.version, let kind = Kind(rawValue: kindByte),
            let (token, leaseUntil, freshUntil, stamp) = bytes.readMultipleIntegers(
                as: (UInt64, UInt64, UInt64, UInt64).self),
            let metadataLength = bytes.readInteger(as: UInt32.self).flatMap({ Int(exactly: $0) }),
            let metadataBytes = bytes.readSlice(length: metadataLength),
            let metadata = EntryMetadata(decoding: metadataBytes)
        else { return nil }
        self.init(
            kind: kind,
            codec: EntryCodec(rawValue: codec),
            token: LeaseToken(rawValue: token),
            leaseUntil: StoreTime(milliseconds: leaseUntil),
            freshUntil: StoreTime(milliseconds: freshUntil),
            stamp: LogSequence(rawValue: stamp),
            metadata: metadata,
            payload: bytes
        )
    }

    /// The entry as bytes.
    public func encoded() -> ByteBuffer {
        var metadata = ByteBuffer()
        self.metadata.encode(into: &metadata)
        var bytes = ByteBuffer()
        bytes.reserveCapacity(Self.headerLength + metadata.readableBytes + self.payload.readableBytes)
        self.encodeImage(into: &bytes)
        bytes.writeInteger(UInt32(clamping: metadata.readableBytes))
        bytes.writeImmutableBuffer(metadata)
        bytes.writeImmutableBuffer(self.payload)
        return bytes
    }

    /// The state that a reader saw, to be compared when it asks for the lease.
    public var image: EntryImage {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(Self.imageLength)
        self.encodeImage(into: &bytes)
        return EntryImage(bytes: bytes)
    }

    private func encodeImage(into bytes: inout ByteBuffer) {
        bytes.writeMultipleIntegers(Self.magic, Self.version, self.kind.rawValue, self.codec.rawValue)
        bytes.writeMultipleIntegers(
            self.token?.rawValue ?? 0, self.leaseUntil.milliseconds, self.freshUntil.milliseconds, self.stamp.rawValue)
    }
}
