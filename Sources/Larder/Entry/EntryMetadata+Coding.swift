// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension EntryMetadata {
    /// Reads metadata from the whole of `bytes`; nil when they are cut short or an item has the wrong length.
    init?(decoding bytes: ByteBuffer) {
        guard bytes.withUnsafeReadableBytes({ self.read($0) }) else { return nil }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            guard bytes.count - index >= Self.itemHeaderLength else { return false }
            let kind = bytes[index]
            let length = Int(
                clamping: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index + 1, as: UInt32.self)))
            let start = index + Self.itemHeaderLength
            guard length <= bytes.count - start else { return false }
            index = start + length
            let body = bytes[start..<index]
            guard let item = Item(rawValue: kind) else { continue }
            switch item {
            case .tag:
                guard self.tags.count < CacheTag.maximumCount, let tag = String(validating: body, as: UTF8.self) else {
                    return false
                }
                if self.tags.isEmpty { self.tags.reserveCapacity(8) }
                self.tags.append(tag)
            case .endsWithAnyInvalidation:
                guard length == 0 else { return false }
                self.endsWithAnyInvalidation = true
            case .servesInvalidatedOnError:
                guard length == 0 else { return false }
                self.servesInvalidatedOnError = true
            case .sealingKey:
                guard length == 4 else { return false }
                self.sealingKey = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            case .created, .loadDuration, .schema, .epoch, .version, .staleWhileRevalidate, .staleIfError, .idle,
                .longestLife:
                guard length == 8 else { return false }
                self.set(item, to: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)))
            }
        }
        return true
    }

    /// The byte of its kind, and four of its length.
    private static let itemHeaderLength = 5

    private mutating func set(_ item: Item, to number: UInt64) {
        switch item {
        case .created: self.created = StoreTime(milliseconds: number)
        case .loadDuration: self.loadDuration = .microseconds(Int64(clamping: min(number, UInt64(Int64.max) / 1_000)))
        case .schema: self.schema = number
        case .epoch: self.epoch = number
        case .version: self.version = number
        case .staleWhileRevalidate: self.staleWhileRevalidate = Duration(clampingMilliseconds: number)
        case .staleIfError: self.staleIfError = Duration(clampingMilliseconds: number)
        case .idle: self.idle = Duration(clampingMilliseconds: number)
        case .longestLife: self.longestLife = Duration(clampingMilliseconds: number)
        case .tag, .sealingKey, .endsWithAnyInvalidation, .servesInvalidatedOnError: break
        }
    }

    func encode(into bytes: inout ByteBuffer) {
        for tag in self.tags {
            bytes.writeInteger(Item.tag.rawValue)
            bytes.writeInteger(UInt32(clamping: tag.utf8.count))
            bytes.writeString(tag)
        }
        let numbers: [(Item, UInt64?)] = [
            (.created, self.created?.milliseconds),
            (.loadDuration, self.loadDuration.map { UInt64(clamping: $0.clampedNanoseconds / 1_000) }),
            (.schema, self.schema),
            (.epoch, self.epoch),
            (.version, self.version),
            (.staleWhileRevalidate, self.staleWhileRevalidate?.clampedMilliseconds),
            (.staleIfError, self.staleIfError?.clampedMilliseconds),
            (.idle, self.idle?.clampedMilliseconds),
            (.longestLife, self.longestLife?.clampedMilliseconds),
        ]
        for case (let item, let number?) in numbers {
            bytes.writeMultipleIntegers(item.rawValue, UInt32(8), number)
        }
        if let key = self.sealingKey {
            bytes.writeMultipleIntegers(Item.sealingKey.rawValue, UInt32(4), key)
        }
        for case (let item, true) in [
            (Item.endsWithAnyInvalidation, self.endsWithAnyInvalidation),
            (.servesInvalidatedOnError, self.servesInvalidatedOnError),
        ] {
            bytes.writeMultipleIntegers(item.rawValue, UInt32(0))
        }
    }
}
