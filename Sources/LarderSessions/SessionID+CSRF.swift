// SPDX-License-Identifier: Apache-2.0

/// A token that proves to have come from a page of the service: a synchronizer token, computed from the id, so that nothing has to be
/// stored and another id has another.
///
/// It is written under a mask that is new each time, so that a compressed response does not tell it by its length (BREACH).
extension SessionID {
    /// A token for the session's own pages: 64 letters, digits, `-` and `_`.
    public var csrfToken: String {
        let mask = [UInt8].random(count: Self.tokenLength)
        return Base64URL.text(of: mask + zip(self.token, mask).map { $0 ^ $1 })
    }

    /// Whether a token was made for this id. How long it takes does not tell how much of it is right.
    public func isCSRFToken(_ text: String) -> Bool {
        guard let bytes = Base64URL.bytes(of: text, count: Self.tokenLength * 2) else { return false }
        let mask = bytes.prefix(Self.tokenLength)
        let masked = bytes.dropFirst(Self.tokenLength).prefix(Self.tokenLength)
        let difference = zip(zip(masked, mask).map { $0 ^ $1 }, self.token).reduce(0) { $0 | ($1.0 ^ $1.1) }
        return difference == 0
    }

    private static let tokenLength = 24

    private var token: ArraySlice<UInt8> { Array(self.derived(for: "larder session CSRF 1")).prefix(Self.tokenLength) }
}
