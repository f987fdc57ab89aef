// SPDX-License-Identifier: Apache-2.0

public import NIOCore
import RedisRESP

/// Where a command writes itself: its name and arguments, of which the server is told the number first.
public struct RedisCommandEncoder: Sendable {
    private(set) var bytes: CommandBytes
    /// How many commands have been begun.
    private(set) var count = 0

    init(appendingTo bytes: ByteBuffer = ByteBuffer()) {
        self.bytes = CommandBytes(buffer: bytes)
    }

    /// Writes a command with a fixed number of arguments.
    public mutating func command<each Argument: RedisArgument>(_ name: String, _ argument: repeat each Argument) {
        var count = 0
        for _ in repeat each argument { count += 1 }
        self.beginCommand(name, argumentCount: count)
        repeat (each argument).encode(into: &self)
    }

    /// Begins a command whose arguments follow by ``append(_:)``: exactly so many.
    public mutating func beginCommand(_ name: String, argumentCount: Int) {
        self.count += 1
        self.bytes.writeCommandHeader(count: argumentCount + 1)
        self.bytes.writeArgument(name)
    }

    /// Writes one argument of the command that was begun.
    public mutating func append(_ argument: some RedisArgument) {
        argument.encode(into: &self)
    }

    /// Writes one argument: text.
    public mutating func write(_ text: String) {
        self.bytes.writeArgument(text)
    }

    /// Writes one argument: bytes.
    public mutating func write(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { self.bytes.writeArgument($0) }
    }
}

/// A buffer that commands are written to.
struct CommandBytes: RESPWriter, Sendable {
    var buffer: ByteBuffer

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        self.buffer.writeBytes(bytes)
    }
}
