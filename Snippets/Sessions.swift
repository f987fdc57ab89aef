// SPDX-License-Identifier: Apache-2.0

// Sessions: secrets, times, a login and what follows it.

import Foundation
import Larder
import LarderSessions

// snippet.hide
func secret(_ name: String) -> Data { Data(base64Encoded: ProcessInfo.processInfo.environment[name] ?? "") ?? Data() }
func audit(_ text: String) { print(text) }
// snippet.show

// snippet.manager
/// What the shop keeps for somebody between their requests.
struct ShopSession: Codable, Sendable {
    var cart: [Int] = []
}

let keys = try SessionKeys(
    sealing: SealingKeys(current: .init(id: 1, secret: secret("SESSION_KEY"))), owners: secret("SESSION_OWNERS"))

let sessions = SessionManager(
    "shop", initial: ShopSession(), store: EmbeddedSessionStore(), keys: keys,
    configuration: SessionConfiguration(idleTimeout: .seconds(15 * 60), maximumPerUser: 5)
) { event in
    audit("session \(event.digest?.text ?? "-") of \(event.principal?.user ?? "nobody") was \(event.kind)")
}
// snippet.end

// snippet.login
let visitor = try await sessions.create { $0.cart = [42] }
let issued = try await sessions.login(Principal(user: "17"), from: visitor.id)
let text = issued.id.text  // for the client's cookie alone
// snippet.end

// snippet.use
if let id = SessionID(text), let session = try await sessions.session(id) {
    try await sessions.update(id, from: session) { $0.cart.append(7) }
    let isFresh = session.isAuthenticated(within: .seconds(300))
    print(session.value.cart, session.principal?.user ?? "nobody", isFresh)
}
// snippet.end

// snippet.remember
let token = try await sessions.remember(Principal(user: "17"))
let remembered = try await sessions.login(Principal(user: "17"), remembered: token)
// remembered.id.text goes into the session's cookie, token.text into one that lasts

if let brought = RememberToken(token.text), let login = try await sessions.login(remembered: brought) {
    // login.issued.id goes into the session's cookie, login.token into the one that lasts
    print(login.issued.session.authenticated == nil)
}
// snippet.end

// snippet.device
let known = try await sessions.login(Principal(user: "17"), on: "Firefox on Linux")
_ = try await sessions.session(known.id, on: "curl")
// snippet.end

// snippet.revoke
try await sessions.revoke(issued.id)
let user = Principal(user: "17")
for session in try await sessions.sessions(of: user) where session.lastUsed < Date.now - 86_400 {
    try await sessions.revoke(session.digest, of: user)
}
try await sessions.revokeAll(of: user)
// snippet.end
