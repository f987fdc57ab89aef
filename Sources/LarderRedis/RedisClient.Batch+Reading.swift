// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore
import RedisDriver

extension RedisClient.Batch {
    /// The reply at `index`.
    ///
    /// - Throws: `StoreRefusal` when the server answered with an error.
    func value(at index: Int) throws -> RedisValue {
        do {
            return try self.reply(at: index).value()
        } catch let error as RedisError {
            throw error.asStoreError
        }
    }

    /// What the reply at `index` means as that of a command.
    func response<Command: RedisCommand>(of command: Command.Type, at index: Int) throws -> Command.Response {
        let value = try self.value(at: index)
        do {
            return try Command.response(from: value)
        } catch {
            throw error.asStoreError
        }
    }

    private func reply(at index: Int) throws -> RedisReply {
        guard self.replies.indices.contains(index) else { throw StoreRefusal("a reply is missing") }
        return self.replies[index]
    }

    /// The elements of the reply at `index`.
    func array(at index: Int) throws -> [RedisValue] {
        guard case .array(let fields) = try self.value(at: index) else { throw StoreRefusal("a reply is no array") }
        return fields
    }

    /// The elements of the reply at `index`; none when it is something else.
    func fields(at index: Int) -> [RedisValue] {
        (try? self.array(at: index)) ?? []
    }

    /// What a `GET` found. Something that is no string is an entry that cannot be read.
    func record(at index: Int) throws -> StoredRecord {
        do {
            switch try self.reply(at: index).value() {
            case .string(let bytes): return StoredRecord(decoding: bytes)
            case .null: return .absent
            default: throw StoreRefusal("GET was answered with something else than a string")
            }
        } catch let error as RedisError {
            guard error.prefix == "WRONGTYPE" else { throw error.asStoreError }
            return .unreadable(EntryImage(bytes: ByteBuffer()))
        }
    }

    /// The answer to `TIME`.
    func serverTime(at index: Int) throws -> StoreTime {
        let parts = self.fields(at: index).map { $0.integer.flatMap { UInt64(exactly: $0) } }
        guard parts.count == 2, let seconds = parts[0], let microseconds = parts[1], seconds < .max / 2_000 else {
            throw StoreRefusal("TIME was answered with something else than a time")
        }
        return StoreTime(milliseconds: seconds * 1_000 + microseconds / 1_000)
    }
}
