// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something that a worker did: a read, or a write with its invalidation.
struct Event {
    enum Kind: UInt8 {
        /// `boundedRead` may be older than what was invalidated a moment before; see ``ReadConsistency``.
        case read, boundedRead, failedRead, applied, queued
    }

    var kind: Kind
    /// Where a read came from.
    enum Source: UInt8 {
        case loader, store, near
    }

    var source = Source.loader
    var register: UInt16
    var version: UInt32
    /// Nanoseconds on the clock that all processes of the machine share.
    var start: UInt64
    var end: UInt64

    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Bytes of an event in a file.
    static let length = 24

    func append(to data: inout Data) {
        data.append(self.kind.rawValue)
        data.append(self.source.rawValue)
        withUnsafeBytes(of: self.register.littleEndian) { data.append(contentsOf: $0) }
        withUnsafeBytes(of: self.version.littleEndian) { data.append(contentsOf: $0) }
        withUnsafeBytes(of: self.start.littleEndian) { data.append(contentsOf: $0) }
        withUnsafeBytes(of: self.end.littleEndian) { data.append(contentsOf: $0) }
    }

    /// Reads a file of events.
    static func all(in data: Data) -> [Event] {
        data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - bytes.count % Self.length, by: Self.length).compactMap { offset in
                func number<Number: FixedWidthInteger>(_ at: Int, _ type: Number.Type) -> Number {
                    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + at, as: type))
                }
                guard let kind = Kind(rawValue: bytes[offset]), let source = Source(rawValue: bytes[offset + 1]) else {
                    return nil
                }
                return Event(
                    kind: kind, source: source, register: number(2, UInt16.self),
                    version: number(4, UInt32.self), start: number(8, UInt64.self), end: number(16, UInt64.self))
            }
        }
    }
}
