// SPDX-License-Identifier: Apache-2.0

public import NIOCore
import RedisRESP

/// Where a command writes itself: its name and arguments, of which the server is told the number first.
///
/// Exactly as many arguments must follow as were announced; a command that does otherwise is not sent.
public struct RedisCommandEncoder: Sendable {
    private(set) var bytes: CommandBytes
    /// How many commands have been begun.
    private(set) var count = 0
    /// How many arguments the last one lacks.
    private var missing = 0
    /// Why nothing of it may be sent.
    private(set) var problem: String?

    init() {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Self.usualLength)
        self.bytes = CommandBytes(buffer: buffer)
    }

    /// Room for a read of an entry and its log.
    private static let usualLength = 224

    /// Writes a command with a fixed number of arguments.
    public mutating func command<each Argument: RedisArgument>(_ name: String, _ argument: repeat each Argument) {
        var count = 0
        for _ in repeat each argument { count += 1 }
        self.beginCommand(name, argumentCount: count)
        repeat (each argument).encode(into: &self)
    }

    /// Writes a command with any number of arguments.
    public mutating func command(_ name: String, _ arguments: [any RedisArgument]) {
        self.beginCommand(name, argumentCount: arguments.count)
        for argument in arguments { argument.encode(into: &self) }
    }

    /// Begins a command whose arguments follow by ``write(_:)-(String)``: exactly so many.
    public mutating func beginCommand(_ name: String, argumentCount: Int) {
        self.finish()
        self.count += 1
        self.missing = argumentCount
        self.bytes.writeCommandHeader(count: argumentCount + 1)
        self.bytes.writeArgument(name)
    }

    /// Writes one argument: text.
    public mutating func write(_ text: String) {
        self.missing -= 1
        self.bytes.writeArgument(text)
    }

    /// Writes one argument: bytes.
    public mutating func write(_ bytes: ByteBuffer) {
        self.missing -= 1
        bytes.withUnsafeReadableBytes { self.bytes.writeArgument($0) }
    }

    /// Writes commands that were encoded before.
    package mutating func write(_ encoded: EncodedCommands) {
        self.finish()
        self.count += encoded.count
        self.missing = 0
        self.bytes.buffer.writeImmutableBuffer(encoded.bytes)
    }

    /// Marks what is written as something that must not be sent.
    mutating func refuse(_ problem: String) {
        self.problem = self.problem ?? problem
    }

    /// No further arguments follow.
    mutating func finish() {
        if self.missing != 0 { self.refuse("a command does not write as many arguments as it announces") }
    }
}

/// Commands that are sent again and again, encoded once.
package struct EncodedCommands: Sendable {
    fileprivate let bytes: ByteBuffer
    fileprivate let count: Int

    package init(_ encode: (inout RedisCommandEncoder) -> Void) {
        var encoder = RedisCommandEncoder()
        encode(&encoder)
        self.bytes = encoder.bytes.buffer
        self.count = encoder.count
    }
}

/// A buffer that commands are written to.
struct CommandBytes: RESPWriter, Sendable {
    var buffer: ByteBuffer

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        self.buffer.writeBytes(bytes)
    }
}
