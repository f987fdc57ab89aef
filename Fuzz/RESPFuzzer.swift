// SPDX-License-Identifier: Apache-2.0

// Compiled together with the sources of RedisRESP by scripts/fuzz.

/// Parses bytes whole and in pieces whose lengths come from the bytes themselves; both must say the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRESP(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let whole = replies(in: bytes, pieces: [count])
    let pieces = replies(in: bytes, pieces: bytes.map { Int($0 % 7) + 1 })
    // As text, in which a double that is no number equals itself.
    precondition("\(whole)" == "\(pieces)", "the same bytes say something else in pieces")
    return 0
}

/// The replies, and whether the bytes ended in an error.
private func replies(in bytes: UnsafeRawBufferPointer, pieces: [Int]) -> [RESPReply?] {
    let limits = RESPLimits(
        maximumBulkLength: 1_000, maximumElements: 500, maximumDepth: 8, maximumLineLength: 100,
        maximumReplyLength: 3_000)
    var parser = RESPParser(limits: limits)
    var replies: [RESPReply?] = []
    var (start, end) = (0, 0)
    for piece in pieces {
        end = min(end + piece, bytes.count)
        do {
            while start < end, let reply = try parser.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) {
                for node in [reply.head] + reply.elements + reply.pushes.joined() {
                    switch node {
                    case .simpleString(let range), .error(let range), .bulkString(let range),
                        .verbatimString(let range), .bigNumber(let range):
                        precondition(range.upperBound <= reply.length, "a range outside its reply")
                    case .integer, .double, .boolean, .null, .array, .set, .map, .push:
                        break
                    }
                }
                precondition(reply.length > 0 && reply.length <= end - start, "a length that is not of these bytes")
                replies.append(reply)
                start += reply.length
            }
        } catch {
            return replies + [nil]
        }
    }
    return replies
}
