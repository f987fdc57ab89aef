// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// A body that is collected to be stored, while whoever asked for it reads along: the client does not wait for the store, and what is
/// stored does not wait for the client.
final class CollectedContent: HTTPContentReader {
    let length: Int?
    private let source: any HTTPContentReader
    private let limit: Int
    private let state: NIOLockedValueBox<State>

    private struct State {
        /// As they came: whoever reads has the very same.
        var pieces: [ByteBuffer] = []
        var count = 0
        /// How many of them the reader has.
        var read = 0
        var end: End?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private enum End {
        case complete
        /// It is too large; the reader gets the rest from the source.
        case tooLarge
        case failed(any Error)
    }

    /// - Parameters:
    ///   - source: Gives the body.
    ///   - length: How many bytes it was said to have.
    ///   - limit: How many bytes are collected.
    init(_ source: any HTTPContentReader, expecting length: Int?, limit: Int) {
        self.length = length ?? source.length
        self.source = source
        self.limit = limit
        self.state = NIOLockedValueBox(State())
    }

    /// Reads the body to its end; nil when there is more than may be collected.
    ///
    /// - Throws: When the source does, and when it gives another number of bytes than it said.
    func collect() async throws -> ByteBuffer? {
        do {
            while let piece = try await self.source.next() {
                let count = self.change { state in
                    state.pieces.append(piece)
                    state.count += piece.readableBytes
                    return state.count
                }
                if count > self.limit {
                    self.change { $0.end = .tooLarge }
                    return nil
                }
            }
            let (pieces, count) = self.state.withLockedValue { ($0.pieces, $0.count) }
            var bytes = pieces.first ?? ByteBuffer()
            if pieces.count > 1 {
                bytes = ByteBuffer()
                bytes.reserveCapacity(count)
                for piece in pieces { bytes.writeImmutableBuffer(piece) }
            }
            if let length, length != bytes.readableBytes { throw WrongLength() }
            self.change { $0.end = .complete }
            return bytes
        } catch {
            self.change { $0.end = .failed(error) }
            throw error
        }
    }

    /// The body has another length than it was said to have.
    struct WrongLength: Error {}

    func next() async throws -> ByteBuffer? {
        while true {
            let (piece, end) = self.state.withLockedValue { state -> (ByteBuffer?, End?) in
                guard state.read < state.pieces.count else { return (nil, state.end) }
                defer { state.read += 1 }
                return (state.pieces[state.read], state.end)
            }
            if let piece { return piece }
            switch end {
            case .complete: return nil
            case .failed(let error): throw error
            case .tooLarge: return try await self.source.next()
            case nil: try await self.wait()
            }
        }
    }

    private func wait() async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = self.state.withLockedValue { state in
                    if state.end != nil || state.pieces.count > state.read || Task.isCancelled { return true }
                    state.waiting = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            self.change { _ in }
        }
    }

    /// Changes the state, and wakes the reader.
    private func change<Result>(_ change: (inout State) -> Result) -> Result {
        let (result, waiting) = self.state.withLockedValue { state in
            let result = change(&state)
            defer { state.waiting = nil }
            return (result, state.waiting)
        }
        waiting?.resume()
        return result
    }
}
