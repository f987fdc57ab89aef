// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore
import RedisDriver

extension RedisReply {
    /// Whether a log answers that nothing happened since `position`: with its head alone. What `LogReply` finds too,
    /// without reading the reply as a value; it is the answer to nearly every read.
    func isQuiet(since position: LogPosition) -> Bool {
        guard let (member, score) = self.scoredMember, score == Double(position.head.rawValue) else { return false }
        return member.withUnsafeReadableBytes { name in
            guard (3...18).contains(name.count), name[0] == UInt8(ascii: "h"), name[1] == UInt8(ascii: ":") else {
                return false
            }
            var epoch: UInt64 = 0
            for byte in name.dropFirst(2) {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): epoch = epoch << 4 | UInt64(byte - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): epoch = epoch << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
                default: return false
                }
            }
            return epoch == position.epoch
        }
    }
}
