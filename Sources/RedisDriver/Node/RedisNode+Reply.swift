// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension RedisNode {
    /// Sends a command, and once more when its connection is lost and it changes nothing or was not sent.
    func reply(to command: some RedisCommand, within time: CallTime) async throws(RedisError) -> RedisReply {
        let isLarge = self.largeKeys.mayHold(command)
        let lane: Lane = command.isBulky || isLarge ? .bulk : .any
        var reply: RedisReply
        do {
            reply = try await self.reply(within: time, over: lane) { command.encode(into: &$0) }
        } catch let loss where loss.code == .connectionClosed && (command.isReadOnly || !loss.mayHaveRun) {
            reply = try await self.sendAgain(within: time, after: loss, over: lane) { command.encode(into: &$0) }
        }
        self.largeKeys.note(reply, to: command, wasLarge: isLarge)
        return reply
    }

    /// Sends what a lost connection left unanswered over another, once there is one.
    private func sendAgain(
        within time: CallTime, after loss: RedisError, over lane: Lane,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisReply {
        let pause = max(self.reconnectPause, .milliseconds(1))
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
