// SPDX-License-Identifier: Apache-2.0

/// One value of a reply: a scalar, or the head of an aggregate whose elements follow it.
///
/// Ranges are of the bytes that were parsed, counted from the start of the reply.
public enum RESPNode: Sendable, Hashable {
    /// `+OK`
    case simpleString(Range<Int>)
    /// `-ERR …`, and `!` for one that is sent as a bulk string.
    case error(Range<Int>)
    /// `:42`
    case integer(Int64)
    /// `$5 hello`
    case bulkString(Range<Int>)
    /// `=9 txt:hello`; the range is of the text after its three letters and the colon.
    case verbatimString(Range<Int>)
    /// `(` and decimal digits, of any length.
    case bigNumber(Range<Int>)
    /// `,1.5`
    case double(Double)
    /// `#t`, `#f`
    case boolean(Bool)
    /// `_`, and in RESP2 `$-1` and `*-1`.
    case null
    /// `*`: so many values follow.
    case array(Int)
    /// `~`: so many values follow.
    case set(Int)
    /// `%`: so many pairs of key and value follow.
    case map(Int)
    /// `>`: out of band, so many values follow.
    case push(Int)
}
