// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

extension RedisError {
    /// What the cache makes of it: an answer that refuses is no sign of an outage, and neither is a caller who gave up.
    var asStoreError: any Error {
        switch self.code {
        case .commandFailed, .unexpectedReply, .invalidCommand: StoreRefusal(self.message)
        case .cancelled: CancellationError()
        case .clientClosed: StoreClosed()
        default: self
        }
    }
}
