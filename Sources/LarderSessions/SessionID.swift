// SPDX-License-Identifier: Apache-2.0

import Crypto

/// What a client holds to be recognised by: 32 random bytes that nobody can guess, with those by which the session is found.
///
/// It stands in the cookie and nowhere else. Stores, logs and lists know it by its ``digest``, from which it cannot be computed.
public struct SessionID: Sendable {
    /// Only the client and the request that brings them know these.
    private let secret: [UInt8]
    /// Whose session it is.
    public let owner: SessionOwner
    /// The name of the session wherever somebody else may read it.
    public let digest: SessionDigest

    /// How many characters an id has.
    public static let length = 64

    /// A new one, from the system's secure generator.
    init(of owner: SessionOwner) {
        self.init(secret: .random(count: Self.secretLength), owner: owner)
    }

    /// The id that a client sent; nil for what cannot be one. Whether there is such a session is another question.
    public init?(_ text: some StringProtocol) {
        guard let bytes = Base64URL.bytes(of: text, count: Self.secretLength + SessionOwner.length) else { return nil }
        let secret = Array(bytes.prefix(Self.secretLength))
        self.init(
            secret: secret,
            owner: SessionOwner(bytes: zip(bytes.dropFirst(Self.secretLength), Self.mask(of: secret)).map { $0 ^ $1 }))
    }

    /// One with a secret that nobody can guess.
    init(secret: [UInt8], owner: SessionOwner) {
        self.secret = secret
        self.owner = owner
        self.digest = SessionDigest(bytes: Self.derived(from: secret, for: "larder session 1"))
    }

    /// What the cookie holds: letters, digits, `-` and `_`. A secret: not for logs.
    ///
    /// Whose it is stands in it only under a mask, so that two ids of one user have nothing in common, and none with a store.
    public var text: String {
        Base64URL.text(of: self.secret + zip(self.owner.bytes, Self.mask(of: self.secret)).map { $0 ^ $1 })
    }

    /// What only who holds the id can compute, another thing for each purpose. The secret is as long as the hash and of one length always, so
    /// that a hash of it is enough.
    func derived(for purpose: StaticString) -> SHA256Digest { Self.derived(from: self.secret, for: purpose) }

    private static let secretLength = 32

    private static func mask(of secret: [UInt8]) -> SHA256Digest {
        Self.derived(from: secret, for: "larder session owner 1")
    }

    private static func derived(from secret: [UInt8], for purpose: StaticString) -> SHA256Digest {
        var hash = SHA256()
        purpose.withUTF8Buffer { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        hash.update(data: secret)
        return hash.finalize()
    }
}

extension SessionID: CustomStringConvertible, CustomReflectable {
    /// The digest, for an id must not get into a log by accident.
    public var description: String { "session \(self.digest)" }

    public var customMirror: Mirror { Mirror(self, children: ["digest": self.digest]) }
}
