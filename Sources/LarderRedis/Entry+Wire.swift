// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension LeaseToken {
    /// The eight bytes of the wire.
    var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(self.rawValue)
        return bytes
    }
}

extension Entry {
    /// The entry as it is stored: nobody may fill it, and the store writes its times.
    var asSent: Entry {
        var entry = self
        entry.token = nil
        entry.leaseUntil = .zero
        entry.freshUntil = .zero
        return entry
    }
}
