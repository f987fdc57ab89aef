// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension RedisNode {
    /// Sends a command, and once more when it changes nothing and its connection is lost.
    func reply(to command: some RedisCommand, within time: CallTime) async throws(RedisError) -> RedisReply {
        let lane: Lane = command.isBulky || self.largeKeys.mayHold(command) ? .bulk : .any
        var reply: RedisReply
        do {
            reply = try await self.reply(within: time, over: lane) { command.encode(into: &$0) }
        } catch let loss where command.isReadOnly && loss.code == .connectionClosed {
            reply = try await self.sendAgain(within: time, after: loss, over: lane) { command.encode(into: &$0) }
        }
        if reply.length > Self.bulkLength, case .any = lane { self.largeKeys.insert(command.keys.first) }
        return reply
    }

    /// Sends what a lost connection left unanswered over another, once there is one.
    private func sendAgain(
        within time: CallTime, after loss: RedisError, over lane: Lane,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisReply {
        let pause = self.reconnectPause
        while true {
            guard let rest = time.rest, rest > pause.asTimeout else { throw loss }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw .cancellation
            }
            do {
                return try await self.reply(within: time, over: lane, encode)
            } catch let error where error.code == .connectionFailed {
                // There is none yet; nothing was sent.
            }
        }
    }
}
