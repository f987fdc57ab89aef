// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder

extension SealingKeys {
    /// Reads `2:BASE64,1:BASE64`: numbers and secrets, the one to seal with first; nil for what is not written so.
    init?(environmentValue value: String) {
        var keys: [Key] = []
        for pair in value.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let id = UInt32(parts[0]), let secret = Data(base64Encoded: String(parts[1])),
                let key = try? Key(id: id, secret: secret)
            else { return nil }
            keys.append(key)
        }
        guard let current = keys.first, let all = try? SealingKeys(current: current, others: Array(keys.dropFirst()))
        else { return nil }
        self = all
    }
}
