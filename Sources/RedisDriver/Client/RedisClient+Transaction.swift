// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Sends commands that the server carries out as one, with no other client's command between them.
    ///
    /// It is one write and one answer. A command that fails does not undo the others.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: When nothing was carried out, such as for a command that the server does not know
    ///   (``RedisError/prefix`` is then `EXECABORT`); when there is no answer; and when the user may not use `MULTI`: then the
    ///   commands may have run one by one, as ``RedisError/mayHaveRun`` says.
    public func transaction<each Command: RedisCommand>(
        _ command: repeat each Command, timeout: Duration? = nil
    ) async throws(RedisError) -> (repeat Result<(each Command).Response, RedisError>) {
        let batch = try await self.send(timeout: timeout) { encoder in
            encoder.command("MULTI")
            repeat (each command).encode(into: &encoder)
            encoder.command("EXEC")
        }
        // A server that refuses MULTI has carried out what follows one by one.
        if let error = batch.replies.first?.error { throw error.forCommand(sent: true) }
        // Each command was answered with QUEUED; the last reply holds what came of them.
        guard case .array(let values)? = try batch.replies.last?.value(), values.count == batch.replies.count - 2 else {
            throw .unexpectedReply(to: "EXEC")
        }
        var iterator = values.makeIterator()
        return (repeat Self.read(each command, iterator.next()))
    }

    private static func read<Command: RedisCommand>(
        _ command: Command, _ value: RedisValue?
    ) -> Result<Command.Response, RedisError> {
        Result { () throws(RedisError) in
            switch value {
            case .error(let message)?: throw RedisError(answer: message)
            case let value?: try Command.response(from: value)
            case nil: throw .unexpectedReply(to: "EXEC")
            }
        }
    }
}
