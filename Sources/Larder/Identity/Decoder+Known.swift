// SPDX-License-Identifier: Apache-2.0

extension Decoder {
    /// A container that holds nothing else than what is known: a rule that is misspelt must not be taken for one that says less, or more.
    func container<Key: CodingKey & CaseIterable>(onlyWith type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let known = Set(Key.allCases.map(\.stringValue))
        for key in try self.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: self.codingPath + [key], debugDescription: "nothing is known by this name"))
        }
        return try self.container(keyedBy: type)
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}
