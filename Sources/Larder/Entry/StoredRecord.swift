// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a read found under a key.
public enum StoredRecord: Sendable, Hashable {
    /// Nothing.
    case absent
    /// An entry.
    case entry(Entry)
    /// Bytes that are no entry, or one of another version.
    case unreadable(EntryImage)

    /// Reads whatever bytes a store found.
    public init(decoding bytes: ByteBuffer?) {
        guard let bytes else {
            self = .absent
            return
        }
        self = Entry(decoding: bytes).map { .entry($0) } ?? .unreadable(EntryImage(bytes: bytes))
    }

    /// What to show when asking for the lease; nil for nothing.
    public var image: EntryImage? {
        switch self {
        case .absent: nil
        case .entry(let entry): entry.image
        case .unreadable(let image): image
        }
    }
}
