// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import LarderHummingbird
import NIOCore

/// What a request is about.
struct StorefrontContext: SessionRequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let session = RequestSession<ShopSession>()
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.remoteAddress = source.channel.remoteAddress
    }
}
