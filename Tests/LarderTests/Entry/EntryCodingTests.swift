// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOCore
import Testing

@Suite struct EntryCodingTests {
    private static var entry: Entry {
        var metadata = EntryMetadata()
        metadata.tags = ["product:42", "ä", ""]
        metadata.created = StoreTime(milliseconds: 1_800_000_000_000)
        metadata.loadDuration = .microseconds(1_234)
        metadata.schema = 0xFEED
        metadata.epoch = .max
        metadata.version = 3
        metadata.endsWithAnyInvalidation = true
        metadata.staleWhileRevalidate = .milliseconds(1)
        metadata.staleIfError = .seconds(2)
        metadata.servesInvalidatedOnError = true
        metadata.idle = .seconds(3)
        metadata.longestLife = .seconds(4)
        return Entry(
            kind: .value, codec: .json, token: LeaseToken(rawValue: 7), leaseUntil: StoreTime(milliseconds: 5),
            freshUntil: StoreTime(milliseconds: 6), stamp: LogSequence(rawValue: 8), metadata: metadata,
            payload: ByteBuffer(string: "{\"id\":42}"))
    }

    @Test func isReadAsItWasWritten() {
        #expect(Entry(decoding: Self.entry.encoded()) == Self.entry)
        for kind in [Entry.Kind.lease, .absence, .tombstone] {
            let entry = Entry(kind: kind)
            #expect(Entry(decoding: entry.encoded()) == entry)
        }
    }

    @Test func theLayoutIsFixed() {
        let entry = Entry(
            kind: .value, codec: .json, token: LeaseToken(rawValue: 0x0102_0304_0506_0708),
            leaseUntil: StoreTime(milliseconds: 1), freshUntil: StoreTime(milliseconds: 2),
            stamp: LogSequence(rawValue: 3), payload: ByteBuffer(string: "[]"))
        let bytes = Array(entry.encoded().readableBytesView)
        let header: [UInt8] =
            [0xCA, 1, 1, 1] + [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 0, 0, 0, 0, 0, 1] + [0, 0, 0, 0, 0, 0, 0, 2]
            + [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 13]
        // The epoch is always there.
        let metadata: [UInt8] = [7, 0, 0, 0, 8] + [0, 0, 0, 0, 0, 0, 0, 0]
        #expect(bytes == header + metadata + Array("[]".utf8))
    }

    @Test func unknownItemsOfTheMetadataAreSkipped() {
        let entry = Entry(kind: .value, payload: ByteBuffer(string: "payload"))
        var bytes = entry.encoded()
        var longer = ByteBuffer()
        longer.writeImmutableBuffer(bytes.readSlice(length: 36) ?? ByteBuffer())
        let length = bytes.readInteger(as: UInt32.self) ?? 0
        longer.writeInteger(length + 8)
        longer.writeMultipleIntegers(UInt8(200), UInt32(3), UInt8(1), UInt8(2), UInt8(3))
        longer.writeImmutableBuffer(bytes)
        #expect(Entry(decoding: longer) == entry)
    }

    @Test func whatIsCutShortIsNoEntryButTheShorterPayload() {
        let whole = Self.entry.encoded()
        let payload = Self.entry.payload.readableBytes
        for length in 0..<(whole.readableBytes - payload) {
            #expect(Entry(decoding: whole.getSlice(at: 0, length: length) ?? ByteBuffer()) == nil)
        }
    }

    @Test func otherMagicVersionOrKindIsNoEntry() {
        for (offset, value) in [(0, UInt8(0xCB)), (1, 0), (1, 2), (2, 3), (2, 5), (2, 255)] {
            var bytes = Self.entry.encoded()
            bytes.setInteger(value, at: offset)
            #expect(Entry(decoding: bytes) == nil)
        }
    }

    @Test func noBytesTrap() {
        var random = SeededGenerator(seed: 1)
        let whole = Array(Self.entry.encoded().readableBytesView)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random) / 4)
            let buffer = ByteBuffer(bytes: bytes)
            if let entry = Entry(decoding: buffer) {
                // The image is of what is there, and what is read can be written.
                #expect(entry.image == EntryImage(bytes: buffer))
                #expect(Entry(decoding: entry.encoded()) == entry)
            }
        }
    }

    @Test func anImageTellsStatesApart() {
        let entry = Self.entry
        var changed = entry
        changed.token = LeaseToken()
        #expect(changed.image != entry.image)
        changed = entry
        changed.freshUntil = .zero
        #expect(changed.image != entry.image)
        changed = entry
        changed.leaseUntil = .zero
        #expect(changed.image != entry.image)
        #expect(EntryImage(bytes: entry.encoded()) == entry.image)
        #expect(StoredRecord(decoding: nil).image == nil)
        #expect(StoredRecord(decoding: ByteBuffer()).image != nil)
    }

    @Test func aTokenIsNeverZero() {
        #expect(LeaseToken(rawValue: 0) == nil)
        #expect(Set((0..<1_000).map { _ in LeaseToken() }).count == 1_000)
    }
}
