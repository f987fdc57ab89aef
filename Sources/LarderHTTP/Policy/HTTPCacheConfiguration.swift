// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// How a cache of responses works. The defaults suit a service that caches its own.
public struct HTTPCacheConfiguration: Sendable {
    /// By which rules it goes.
    public var profile: HTTPCacheProfile
    /// The name of the region that the responses are stored in.
    public var region: String
    /// The largest body that is stored, in bytes. A larger one is passed on as it comes.
    public var maximumBodySize: Int
    /// How many fields a response may have to be stored.
    public var maximumFields: Int
    /// The fields for caches of this kind that count before `Cache-Control`, those first that count more (RFC 9213).
    public var targetedFields: [HTTPField.Name]
    /// How long a response that can be validated is kept past its freshness.
    public var validationTime: Duration
    /// How long requests for something that cannot be stored do not wait for each other.
    public var passTime: Duration
    /// The name of the cache in `Cache-Status`, a token (RFC 9211); nil to say nothing there.
    public var statusName: String?
    /// Whether `X-Cache` says `HIT`, `MISS` or `STALE`.
    public var sendsXCache: Bool
    /// The authorities, host with port where there is one, whose responses are cached; nil for all.
    public var authorities: Set<String>?
    /// Fields that a handler might take into account though they are no part of what a response is found by. Requests whose answers may
    /// be stored reach the handler without them, except for those that the policy varies by.
    public var unkeyedFields: [HTTPField.Name]
    /// Whether a stored response of 200 without an `ETag` gets one, if its body is there as a whole.
    public var generatesEntityTags: Bool
    /// Whether responses that say nothing of their freshness are taken to be fresh for a tenth of the time since they were changed, and
    /// at most for a day (RFC 9111, section 4.2.2).
    public var guessesFreshness = false
    /// Whether a response answers for other queries too, where its `No-Vary-Search` says so (RFC-ietf-httpbis-no-vary-search).
    public var honoursNoVarySearch = false

    /// Makes a configuration.
    ///
    /// - Parameter profile: By which rules it goes, and which defaults the rest has.
    public init(_ profile: HTTPCacheProfile = .standard) {
        self.profile = profile
        self.region = profile.isShared ? "http" : "http-private"
        self.maximumBodySize = 2 << 20
        self.maximumFields = 256
        self.targetedFields = profile.isShared ? [.cdnCacheControl] : []
        self.validationTime = profile.storesForValidation ? .seconds(86_400) : .seconds(300)
        self.passTime = .seconds(10)
        self.statusName = "Larder"
        self.sendsXCache = false
        self.authorities = nil
        self.generatesEntityTags = profile == .standard
        self.unkeyedFields =
            profile.refusesAmbiguousRequests
            ? [
                HTTPField.Name(literal: "Forwarded"), HTTPField.Name(literal: "X-Forwarded-Host"),
                HTTPField.Name(literal: "X-Forwarded-Server"), HTTPField.Name(literal: "X-Forwarded-Scheme"),
                HTTPField.Name(literal: "X-Forwarded-Port"), HTTPField.Name(literal: "X-Forwarded-Prefix"),
                HTTPField.Name(literal: "X-Host"), HTTPField.Name(literal: "X-Original-Host"),
                HTTPField.Name(literal: "X-Forwarded-Protocol"), HTTPField.Name(literal: "X-Forwarded-Ssl"),
                HTTPField.Name(literal: "Front-End-Https"),
            ] : []
    }
}
