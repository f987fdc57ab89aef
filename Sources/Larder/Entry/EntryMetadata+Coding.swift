// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension EntryMetadata {
    /// Reads metadata from the whole of `bytes`; nil when they are cut short or an item has the wrong length.
    init?(decoding bytes: ByteBuffer) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            guard
                let kind = bytes.readInteger(as: UInt8.self),
                let length = bytes.readInteger(as: UInt32.self).flatMap({ Int(exactly: $0) }),
                var body = bytes.readSlice(length: length)
            else { return nil }
            guard let item = Item(rawValue: kind) else { continue }
            switch item {
            case .tag:
                guard
                    self.tags.count < CacheTag.maximumCount,
                    let tag = try? body.readUTF8ValidatedString(length: body.readableBytes)
                else { return nil }
                if self.tags.isEmpty { self.tags.reserveCapacity(8) }
                self.tags.append(tag)
            case .endsWithAnyInvalidation:
                guard body.readableBytes == 0 else { return nil }
                self.endsWithAnyInvalidation = true
            case .created, .loadDuration, .schema, .epoch, .version:
                guard body.readableBytes == 8, let number = body.readInteger(as: UInt64.self) else { return nil }
                self.set(item, to: number)
            }
        }
    }

    private mutating func set(_ item: Item, to number: UInt64) {
        switch item {
        case .created: self.created = StoreTime(milliseconds: number)
        case .loadDuration: self.loadDuration = .microseconds(Int64(clamping: min(number, UInt64(Int64.max) / 1_000)))
        case .schema: self.schema = number
        case .epoch: self.epoch = number
        case .version: self.version = number
        case .tag, .endsWithAnyInvalidation: break
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
        ]
        for case (let item, let number?) in numbers {
            bytes.writeMultipleIntegers(item.rawValue, UInt32(8), number)
        }
        if self.endsWithAnyInvalidation {
            bytes.writeMultipleIntegers(Item.endsWithAnyInvalidation.rawValue, UInt32(0))
        }
    }
}
