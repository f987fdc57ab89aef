// SPDX-License-Identifier: Apache-2.0

/// A command that can be carried out key by key, so that its keys may be on several nodes.
///
/// Between the parts others see some done and some not.
protocol SlotDivisible: RedisCommand {
    /// The command for some of its keys.
    func part(_ indices: [Int]) -> Self
    /// The response to the whole.
    ///
    /// - Parameter parts: For the keys of each part the response to it.
    func whole(of parts: [(indices: [Int], response: Response)]) -> Response
}

extension SlotDivisible where Response == Int {
    func whole(of parts: [(indices: [Int], response: Int)]) -> Int {
        parts.reduce(0) { $0 &+ $1.response }
    }
}

extension MGET: SlotDivisible {
    func part(_ indices: [Int]) -> MGET { MGET(indices.map { self.keys[$0] }) }

    func whole(of parts: [(indices: [Int], response: Response)]) -> Response {
        var values: Response = Array(repeating: nil, count: self.keys.count)
        for part in parts {
            for (index, value) in zip(part.indices, part.response) { values[index] = value }
        }
        return values
    }
}

extension MSET: SlotDivisible {
    func part(_ indices: [Int]) -> MSET {
        MSET(keys: indices.map { self.keys[$0] }, values: indices.map { self.values[$0] })
    }

    func whole(of parts: [(indices: [Int], response: Void)]) {}
}

extension UNLINK: SlotDivisible {
    func part(_ indices: [Int]) -> UNLINK { UNLINK(indices.map { self.keys[$0] }) }
}

extension DEL: SlotDivisible {
    func part(_ indices: [Int]) -> DEL { DEL(indices.map { self.keys[$0] }) }
}

extension EXISTS: SlotDivisible {
    func part(_ indices: [Int]) -> EXISTS { EXISTS(indices.map { self.keys[$0] }) }
}

extension TOUCH: SlotDivisible {
    func part(_ indices: [Int]) -> TOUCH { TOUCH(indices.map { self.keys[$0] }) }
}
