// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The first bytes of what a reader found under a key: whoever asks for the lease shows it, and gets the lease only
/// if the entry still looks like that.
public struct EntryImage: Sendable, Hashable {
    /// At most 36 bytes: the header without the metadata's length, or less of something shorter.
    public let bytes: ByteBuffer

    /// Makes the image of whatever bytes stand under a key.
    public init(bytes: ByteBuffer) {
        self.bytes = bytes.getSlice(at: bytes.readerIndex, length: min(bytes.readableBytes, Entry.imageLength)) ?? bytes
    }
}
