// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// The body of a response: all of it, or as it comes.
public enum HTTPContent: Sendable {
    /// All of it.
    case bytes(ByteBuffer)
    /// As it comes, for one reader.
    case stream(any HTTPContentReader)

    /// How many bytes it has, where that is known.
    public var length: Int? {
        switch self {
        case .bytes(let bytes): bytes.readableBytes
        case .stream(let reader): reader.length
        }
    }
}

/// Gives a body piece by piece, to one reader. Whoever lets go of it before its end wants no more.
public protocol HTTPContentReader: Sendable {
    /// How many bytes there are in all, where that is known.
    var length: Int? { get }

    /// The next piece; nil at the end.
    ///
    /// - Throws: When the rest will not come.
    func next() async throws -> ByteBuffer?
}
