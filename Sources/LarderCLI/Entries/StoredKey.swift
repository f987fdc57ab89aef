// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder

extension CacheKey {
    /// The key of an entry, as the server has it.
    init(stored text: String) throws {
        let namespace = text.prefix { $0 != ":" }.removingPercentEncoding
        guard let namespace, !namespace.isEmpty, let key = CacheKey(text: text, in: namespace) else {
            throw ValidationError(
                "\(text.printable) is no key of an entry: those look like shop:product:i.42, as `larder keys shop` shows them"
            )
        }
        self = key
    }
}
#endif
