// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Over which of a server's connections a command goes.
package enum Lane: Sendable {
    case any
    /// Always the same for the same number.
    case number(Int)
    /// Apart, so that it keeps nobody waiting.
    case bulk
    /// One for reads whose changes the server is asked to tell, and for nothing else.
    case tracked

    package var isTracked: Bool { if case .tracked = self { true } else { false } }
}

/// How long a call may take.
struct CallTime: Sendable {
    let deadline: NIODeadline
    let timeout: TimeAmount

    init(_ timeout: TimeAmount) {
        self.deadline = .now() + timeout
        self.timeout = timeout
    }

    /// The time of a command.
    ///
    /// - Parameters:
    ///   - timeout: What the caller gives it; nil for the usual.
    ///   - blocking: For how long the server may hold the reply back, beside that.
    init(_ timeout: Duration?, usually usual: TimeAmount, blocking: Duration? = nil) {
        let timeout = timeout?.asTimeout ?? usual
        self.init(blocking.map { timeout + $0.asTimeout } ?? timeout)
    }

    /// What is left of it at the moment; nil when that is nothing.
    var rest: TimeAmount? {
        let rest = self.deadline - .now()
        return rest > .nanoseconds(0) ? rest : nil
    }
}

/// What commands can be sent to: a connection, or a server by whichever of its connections.
protocol CommandOutlet: Sendable {
    func connection(for lane: Lane) throws(RedisError) -> RedisConnection
    /// The caller of a ticket gives up.
    func abandon(_ ticket: UInt64, _ error: RedisError)
}

extension CommandOutlet {
    /// Sends one command, and waits for its reply.
    func reply(
        within time: CallTime, over lane: Lane = .any, _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisReply {
        let ticket = CommandTicket.next()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                self.send(.reply(continuation), time, lane, ticket, encode)
            }
        } onCancel: {
            self.abandon(ticket, .cancellation)
        }
        return try result.get()
    }

    /// Sends commands together, and waits for all replies.
    ///
    /// - Parameter observe: Is given the replies first: on the event loop, in wire order with pushes.
    func batch(
        within time: CallTime, over lane: Lane = .any, observe: (@Sendable (RedisClient.Batch) -> Void)? = nil,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisClient.Batch {
        let ticket = CommandTicket.next()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                self.send(
                    observe.map { .observedBatch($0, continuation) } ?? .batch(continuation), time, lane, ticket, encode
                )
            }
        } onCancel: {
            self.abandon(ticket, .cancellation)
        }
        return try result.get()
    }

    func send(
        _ waiter: RedisConnection.Waiter, _ time: CallTime, _ lane: Lane, _ ticket: UInt64,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) {
        RedisCommandEncoder.with { encoder in
            // Before any lock is taken.
            encode(&encoder)
            encoder.finish()
            do throws(RedisError) {
                let lane = encoder.length > Self.bulkLength && !lane.isTracked ? Lane.bulk : lane
                try self.connection(for: lane).send(
                    encoder, for: waiter, deadline: time.deadline, timeout: time.timeout, ticket: ticket)
            } catch {
                waiter.fail(error)
            }
        }
        // A cancellation that came before the command was queued found nothing to abandon.
        if Task.isCancelled { self.abandon(ticket, .cancellation) }
    }

    /// From how many bytes on something is kept apart from what is small.
    static var bulkLength: Int { 64 << 10 }
}

/// Numbers by which callers give up.
enum CommandTicket {
    private static let last = Atomic<UInt64>(0)

    static func next() -> UInt64 { Self.last.wrappingAdd(1, ordering: .relaxed).newValue }
}

extension RedisConnection: CommandOutlet {
    func connection(for lane: Lane) -> RedisConnection { self }
}
