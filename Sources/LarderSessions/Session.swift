// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A session as it was when it was read.
public struct Session<Value: Codable & Sendable>: Sendable {
    /// Its name wherever somebody else may read it.
    public let digest: SessionDigest
    /// Who has logged in; nil when nobody has.
    public let principal: Principal?
    /// What the service keeps in it.
    public let value: Value
    /// What the client said it is when it last was another, such as its field `User-Agent`, at most 200 bytes of it; nil when nobody asked. For
    /// lists of a user's sessions, and to notice a change: ``SessionEvent/Kind/deviceChanged``.
    public var device: String? { self.devices.first }
    /// The devices it was at, the last first.
    let devices: [String]
    /// By which token it began, or its user is remembered.
    let remembered: SessionDigest?

    private let head: SessionRecord.Head
    private let terms: SessionTerms
    private let now: StoreTime
    /// The content as it was encoded, by which a change that changes nothing is known.
    let encoded: ByteBuffer

    init(
        digest: SessionDigest, content: SessionContent<Value>, encoded: ByteBuffer, head: SessionRecord.Head,
        terms: SessionTerms, now: StoreTime
    ) {
        let isSomebody = content.user != nil || content.tenant != nil
        self.digest = digest
        self.principal = isSomebody ? Principal(user: content.user, tenant: content.tenant) : nil
        self.value = content.value
        self.devices = content.devices
        self.remembered = content.remembered
        self.encoded = encoded
        self.head = head
        self.terms = terms
        self.now = now
    }

    /// What it holds, when it goes on at a further device, or where it is.
    func content(on device: String? = nil) -> SessionContent<Value> {
        SessionContent(
            user: self.principal?.user, tenant: self.principal?.tenant,
            devices: Array(((device.map { [$0] } ?? []) + self.devices).prefix(SessionContent<Value>.maximumDevices)),
            remembered: self.remembered, value: self.value)
    }

    var version: UInt64 { self.head.version }

    /// When it began, or when its user last logged in, by the store's clock.
    public var created: Date { Self.date(self.head.created) }

    /// When it was used last, as far as that was written down; see ``SessionConfiguration/touchInterval``.
    public var lastUsed: Date { Self.date(self.head.used) }

    /// When it ends unless it is used.
    public var expires: Date { Self.date(self.head.deadline(self.terms)) }

    /// When its user proved who they are; nil when nobody has.
    public var authenticated: Date? { self.head.authenticated.map(Self.date) }

    /// Whether its user proved who they are so recently, for what a session alone is not enough; counted when the session was read.
    public func isAuthenticated(within age: Duration) -> Bool {
        self.head.authenticated.map { $0.duration(to: self.now) <= age } ?? false
    }

    private static func date(_ time: StoreTime) -> Date {
        Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)
    }
}

/// A session with the id that the client is to bring from now on.
public struct IssuedSession<Value: Codable & Sendable>: Sendable {
    /// For the client's cookie alone.
    public let id: SessionID
    /// The session.
    public let session: Session<Value>
}
