// SPDX-License-Identifier: Apache-2.0

/// By which rules a cache of responses goes where RFC 9111 leaves a choice.
public struct HTTPCacheProfile: Sendable, Hashable {
    /// Whether what is stored is used for more than one user.
    var isShared: Bool
    /// Whether a response that sets a cookie may be stored.
    var storesCookies: Bool
    /// Whether a request with a cookie is somebody's, as one with `Authorization` is.
    var takesCookiesForCredentials: Bool
    /// Whether requests are obeyed that say how new the answer has to be.
    var honoursRequestDirectives: Bool
    /// Whether requests are kept away from the cache that a router behind it may read in two ways.
    var refusesAmbiguousRequests: Bool
    /// Whether responses are stored that have to be validated for each use.
    var storesForValidation: Bool

    /// For a service that caches its own responses. Beside what RFC 9111 asks of a shared cache: responses that set a cookie are not
    /// stored, a request with a cookie is treated like one with `Authorization`, clients cannot ask for their answers to be made
    /// anew, and requests that could mean something else to the handler than to the cache are not cached.
    public static let standard = HTTPCacheProfile(
        isShared: true, storesCookies: false, takesCookiesForCredentials: true, honoursRequestDirectives: false,
        refusesAmbiguousRequests: true, storesForValidation: false)

    /// For a proxy in front of others: a shared cache by the letter of RFC 9111.
    public static let sharedCache = HTTPCacheProfile(
        isShared: true, storesCookies: true, takesCookiesForCredentials: false, honoursRequestDirectives: true,
        refusesAmbiguousRequests: false, storesForValidation: true)

    /// For a client that keeps the responses of one user: a private cache by the letter of RFC 9111.
    public static let privateCache = HTTPCacheProfile(
        isShared: false, storesCookies: true, takesCookiesForCredentials: false, honoursRequestDirectives: true,
        refusesAmbiguousRequests: false, storesForValidation: true)
}
