// SPDX-License-Identifier: Apache-2.0

public import NIOCore
import RedisRESP

/// Where a command writes itself: its name and arguments, of which the server is told the number first.
///
/// Exactly as many arguments must follow as were announced; a command that does otherwise is not sent.
public struct RedisCommandEncoder: ~Copyable {
    private var bytes: CommandBytes
    /// How many commands have been begun.
    private(set) var count = 0
    /// How many arguments the last one lacks.
    private var missing = 0
    /// Why nothing of it may be sent.
    private(set) var problem: String?

    private init(_ bytes: consuming CommandBytes) {
        self.bytes = bytes
    }

    /// Calls `body` with an encoder that is empty.
    static func with<Result>(_ body: (inout RedisCommandEncoder) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.usualLength, alignment: 1) { scratch in
            var encoder = RedisCommandEncoder(CommandBytes(scratch: scratch))
            return body(&encoder)
        }
    }

    /// Room for nearly every command on the stack.
    private static let usualLength = 1_024

    /// The longest argument that servers take unless told otherwise, in bytes.
    private static let maximumArgumentLength = 512 << 20

    /// More than that is not collected for one write, in bytes.
    private static let maximumLength = 1 << 30

    /// How many bytes are written.
    var length: Int { self.bytes.count }

    /// Appends what is written to a buffer.
    func copy(to buffer: inout ByteBuffer) {
        self.bytes.copy(to: &buffer)
    }

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
        if self.accepts(text.utf8.count) { self.bytes.writeArgument(text) }
    }

    /// Writes one argument: bytes.
    public mutating func write(_ bytes: ByteBuffer) {
        guard self.accepts(bytes.readableBytes) else { return }
        bytes.withUnsafeReadableBytes { self.bytes.writeArgument($0) }
    }

    /// Counts an argument, and refuses one that no server takes.
    private mutating func accepts(_ length: Int) -> Bool {
        self.missing -= 1
        if length > Self.maximumArgumentLength || self.length + length > Self.maximumLength {
            self.refuse("an argument is longer than a server takes")
        }
        return self.problem == nil
    }

    /// Writes commands that were encoded before.
    package mutating func write(_ encoded: EncodedCommands) {
        self.finish()
        self.missing = 0
        if let problem = encoded.problem { return self.refuse(problem) }
        guard self.length + encoded.bytes.readableBytes <= Self.maximumLength else {
            return self.refuse("the commands are longer than can be sent together")
        }
        self.count += encoded.count
        encoded.bytes.withUnsafeReadableBytes { bytes in
            self.bytes.write(upTo: bytes.count) { space in
                space.copyMemory(from: bytes)
                return bytes.count
            }
        }
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
    let bytes: ByteBuffer
    fileprivate let count: Int
    /// Why they may not be sent.
    fileprivate let problem: String?

    package init(_ encode: (inout RedisCommandEncoder) -> Void) {
        (self.bytes, self.count, self.problem) = RedisCommandEncoder.with { encoder in
            encode(&encoder)
            encoder.finish()
            var bytes = ByteBuffer()
            encoder.copy(to: &bytes)
            return (bytes, encoder.count, encoder.problem)
        }
    }
}

/// Bytes on the stack, as long as they fit.
private struct CommandBytes: RESPWriter, ~Copyable {
    /// Lent for the time that this value lives, which cannot be copied out of that.
    private let scratch: UnsafeMutableRawBufferPointer
    /// How much of `scratch` is written.
    private var used = 0
    /// Everything, once `scratch` was too small.
    private var overflow: ByteBuffer?

    init(scratch: UnsafeMutableRawBufferPointer) {
        self.scratch = scratch
    }

    var count: Int { self.overflow?.readableBytes ?? self.used }

    mutating func write(upTo capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        if self.overflow == nil, self.scratch.count - self.used >= capacity {
            self.used += fill(UnsafeMutableRawBufferPointer(rebasing: self.scratch[self.used...]))
            return
        }
        // Out of its place, or it would be copied.
        var buffer = self.overflow.take() ?? ByteBuffer(bytes: self.scratch[..<self.used])
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity, fill)
        self.overflow = buffer
    }

    func copy(to buffer: inout ByteBuffer) {
        if let overflow = self.overflow {
            if buffer.readableBytes == 0 {
                buffer = overflow
            } else {
                buffer.writeImmutableBuffer(overflow)
            }
        } else {
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: self.scratch[..<self.used]))
        }
    }
}
