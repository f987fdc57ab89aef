// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOConcurrencyHelpers
import NIOCore

/// What is stored for a URL, or a variant of it.
struct StoredResponse: Sendable {
    enum Kind: Sendable {
        case response(StoredContent)
        /// What comes from there cannot be stored, so nobody is to wait for it.
        case pass
    }

    /// How it was made and is to be stored; nothing that is stored itself.
    final class Making: Sendable {
        let policy: CachePolicy
        let tags: [String]
        /// How long it took to come, and how long it is fresh from then on.
        let delay: Duration
        let fresh: Duration

        init(policy: CachePolicy, tags: [String], delay: Duration = .zero, fresh: Duration = .zero) {
            self.policy = policy
            self.tags = tags
            self.delay = delay
            self.fresh = fresh
        }
    }

    var kind: Kind
    /// Nil for what was stored already, and what is not to be.
    var making: Making?

    /// Something that is not stored, and passed to nobody.
    static let unstored = StoredResponse(kind: .pass)

    var content: StoredContent? {
        if case .response(let content) = self.kind { content } else { nil }
    }
}

/// A response, whole. A class, for it is handed on with each hit.
final class StoredContent: Sendable {
    let status: HTTPResponse.Status
    let fields: HTTPFields
    let body: ByteBuffer
    /// Which requests it is for.
    let variant: Variant
    /// How old it was when its request was sent.
    let initialAge: Duration
    /// How long it had not been fresh when it was stored.
    let overdue: Duration
    /// When it was received, by the clock of who did.
    let received: HTTPDate
    /// Whether it has to be validated for each use.
    let needsValidation: Bool
    /// Whether it must not be used past its freshness.
    let isNeverStale: Bool
    /// Whether requests with credentials may be answered by it.
    let isForCredentials: Bool
    private let kept = NIOLockedValueBox<HTTPFields?>(nil)

    /// Those of its fields that an answer of 304 has.
    var notModifiedFields: HTTPFields {
        self.kept.withLockedValue { kept in
            let fields = kept ?? Precondition.notModified(self.fields)
            kept = fields
            return fields
        }
    }

    init(
        status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer, variant: Variant, initialAge: Duration,
        overdue: Duration, received: HTTPDate, needsValidation: Bool, isNeverStale: Bool, isForCredentials: Bool
    ) {
        self.status = status
        self.fields = fields
        self.body = body
        self.variant = variant
        self.initialAge = initialAge
        self.overdue = overdue
        self.received = received
        self.needsValidation = needsValidation
        self.isNeverStale = isNeverStale
        self.isForCredentials = isForCredentials
    }

    /// The same with other fields.
    func with(_ fields: HTTPFields) -> StoredContent {
        StoredContent(
            status: self.status, fields: fields, body: self.body, variant: self.variant, initialAge: self.initialAge,
            overdue: self.overdue, received: self.received, needsValidation: self.needsValidation,
            isNeverStale: self.isNeverStale, isForCredentials: self.isForCredentials)
    }
}

extension StoredResponse: Codable {
    init(from decoder: any Decoder) throws {
        throw NotItsCodec()
    }

    func encode(to encoder: any Encoder) throws {
        throw NotItsCodec()
    }

    private struct NotItsCodec: Error {}
}
