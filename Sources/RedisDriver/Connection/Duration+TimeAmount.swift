// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension Duration {
    /// The same for an event loop; a year stands for all that is longer, so that nothing overflows.
    var asTimeout: TimeAmount { TimeAmount(min(self, .seconds(365 * 86_400))) }
}
