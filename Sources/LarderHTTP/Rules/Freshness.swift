// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// For how long a response may be used (RFC 9111, section 4.2).
struct Freshness: Equatable {
    /// The lifetime that the response says; nil when it says none.
    var lifetime: Duration?
    /// How old it was when its request was sent, by the clock and the words of those who had it before.
    var initialAge: Duration

    /// - Parameters:
    ///   - fields: The fields of the response.
    ///   - directives: What they say.
    ///   - isShared: Whether it is used for more than one user.
    ///   - received: When it was received.
    ///   - delay: How long that took since its request was sent.
    init(_ fields: HTTPFields, _ directives: ResponseDirectives, isShared: Bool, received: HTTPDate, delay: Duration) {
        let date = fields.single(.date).flatMap { HTTPDate($0, now: received) } ?? received
        self.lifetime = Self.lifetime(fields, directives, isShared, date, received)
        // The apparent age is that at the time of the answer; what is counted from the question on has its delay in it.
        let apparent = max(.zero, .seconds(received.seconds - date.seconds) - delay)
        self.initialAge = max(apparent, Self.age(fields))
    }

    private static func lifetime(
        _ fields: HTTPFields, _ directives: ResponseDirectives, _ isShared: Bool, _ date: HTTPDate, _ received: HTTPDate
    ) -> Duration? {
        if isShared, let seconds = directives.sharedMaxAge { return .seconds(seconds) }
        if let seconds = directives.maxAge { return .seconds(seconds) }
        guard !directives.isTargeted, fields.contains(.expires) else { return nil }
        // What cannot be read has passed (RFC 9111, section 5.3).
        guard let expires = fields.single(.expires).flatMap({ HTTPDate($0, now: received) }) else { return .zero }
        return .seconds(min(max(0, expires.seconds - date.seconds), 1 << 31))
    }

    /// The lifetime that a response may be taken to have that says none, by how long it had not changed (RFC 9111, section 4.2.2).
    static func heuristic(_ fields: HTTPFields, received: HTTPDate) -> Duration? {
        guard let changed = fields.single(.lastModified).flatMap({ HTTPDate($0, now: received) }) else { return nil }
        let date = fields.single(.date).flatMap { HTTPDate($0, now: received) } ?? received
        return .seconds(min(max(0, date.seconds - changed.seconds) / 10, 86_400))
    }

    /// What `Age` says: the first value there, if it is a number (RFC 9111, section 5.1).
    private static func age(_ fields: HTTPFields) -> Duration {
        .seconds(min(fields.members(of: .age).first?.digits ?? 0, 1 << 31))
    }
}
