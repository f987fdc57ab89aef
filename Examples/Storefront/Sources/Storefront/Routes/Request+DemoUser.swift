// SPDX-License-Identifier: Apache-2.0

import Hummingbird

extension Request {
    /// The user whose demo token the request carries, `Authorization: Bearer demo-17`: no secret, for there is no login.
    var demoUser: Int? {
        guard let token = self.headers[.authorization], token.hasPrefix("Bearer demo-"),
            let id = Int(token.dropFirst("Bearer demo-".count)), (1...1_000_000).contains(id)
        else { return nil }
        return id
    }
}
