// SPDX-License-Identifier: Apache-2.0

import Crypto

/// What a client holds to be logged in without a password when its session is over: "remember me".
///
/// It is good until the one that its login gave in its place has been used. Stores know a hash of its first part, by which it is found, and an
/// encrypted one of its second, which changes each time.
public struct RememberToken: Sendable {
    private let series: [UInt8]
    private let secret: [UInt8]
    let owner: SessionOwner

    /// How many characters a token has.
    public static let length = 88

    /// A new one, from the system's secure generator.
    init(of owner: SessionOwner) {
        self.init(series: .random(count: Self.seriesLength), secret: .random(count: Self.secretLength), owner: owner)
    }

    /// The token that a client sent; nil for what cannot be one. Whether it is good is another question.
    public init?(_ text: some StringProtocol) {
        let lengths = (series: Self.seriesLength, secret: Self.secretLength, owner: SessionOwner.length)
        let count = lengths.series + lengths.secret + lengths.owner
        guard let bytes = Base64URL.bytes(of: text, count: count) else { return nil }
        let series = Array(bytes.prefix(lengths.series))
        self.init(
            series: series, secret: Array(bytes.dropFirst(lengths.series).prefix(lengths.secret)),
            owner: SessionOwner(bytes: zip(bytes.suffix(lengths.owner), Self.mask(of: series)).map { $0 ^ $1 }))
    }

    private init(series: [UInt8], secret: [UInt8], owner: SessionOwner) {
        self.series = series
        self.secret = secret
        self.owner = owner
    }

    /// What the cookie holds: letters, digits, `-` and `_`. A secret: not for logs.
    public var text: String {
        Base64URL.text(
            of: self.series + self.secret + zip(self.owner.bytes, Self.mask(of: self.series)).map { $0 ^ $1 })
    }

    /// Its name, and that of those that take its place, wherever somebody else may read it.
    public var digest: SessionDigest { SessionDigest(bytes: Self.hash("larder remembered 1", of: self.series)) }

    /// By which the secret is known again.
    var proof: String { Base64URL.text(of: Array(Self.hash("larder remembered secret 1", of: self.secret))) }

    /// The token that takes its place by a step, the same whoever computes it.
    func next(_ keys: SessionKeys, by step: [UInt8]) -> RememberToken {
        RememberToken(
            series: self.series, secret: keys.derived(for: "larder remembered next 1", from: self.bytes, by: step),
            owner: self.owner)
    }

    /// The session that begins with that step.
    func session(_ keys: SessionKeys, by step: [UInt8]) -> SessionID {
        SessionID(
            secret: keys.derived(for: "larder remembered session 1", from: self.bytes, by: step), owner: self.owner)
    }

    private var bytes: [UInt8] { self.series + self.secret }

    private static let seriesLength = 18
    private static let secretLength = 32

    private static func mask(of series: [UInt8]) -> SHA256Digest { Self.hash("larder remembered owner 1", of: series) }

    private static func hash(_ purpose: String, of bytes: [UInt8]) -> SHA256Digest {
        SHA256.hash(data: Array(purpose.utf8) + bytes)
    }
}

extension RememberToken: CustomStringConvertible, CustomReflectable {
    /// The digest, for a token must not get into a log by accident.
    public var description: String { "remembered \(self.digest)" }

    public var customMirror: Mirror { Mirror(self, children: ["digest": self.digest]) }
}
