// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import LarderSessions

/// How the id of a session stands in its cookie (RFC 6265, draft-ietf-httpbis-rfc6265bis).
///
/// By default: `__Host-id`, so that no other host can set or read it and it never goes over plain HTTP; out of reach of scripts; not sent
/// along by other sites but when their links are followed; gone when the browser is closed.
public struct SessionCookie: Sendable {
    /// When the browser sends the cookie with requests that other sites cause.
    public enum SameSite: String, Sendable {
        /// Never, not even when a link is followed.
        case strict = "Strict"
        /// When a link is followed.
        case lax = "Lax"
        /// Always; for services that stand in frames of other sites, which then have to be kept apart by ``SessionCookie/isPartitioned``.
        case none = "None"
    }

    /// The name of the cookie. `__Host-` before it is added where it can be.
    public var name: String
    /// When it is sent with requests that other sites cause.
    public var sameSite: SameSite
    /// Whether a browser keeps one for each site that the service is shown in (CHIPS).
    public var isPartitioned: Bool
    /// How long a browser keeps it; nil until it is closed. The session ends by its own times all the same.
    public var lifetime: Duration?
    let isLocal: Bool

    /// Makes a description of a cookie.
    public init(
        name: String = "id", sameSite: SameSite = .lax, isPartitioned: Bool = false, lifetime: Duration? = nil
    ) {
        self.init(
            name: name, sameSite: sameSite, isPartitioned: isPartitioned, lifetime: lifetime, isLocal: false)
    }

    private init(name: String, sameSite: SameSite, isPartitioned: Bool, lifetime: Duration?, isLocal: Bool) {
        self.name = name
        self.sameSite = sameSite
        self.isPartitioned = isPartitioned
        self.lifetime = lifetime
        self.isLocal = isLocal
    }

    /// A cookie that goes over plain HTTP, for a service that is tried on the machine it is written on. Requests for any other host
    /// than this machine are refused.
    public static let localDevelopment = SessionCookie(
        name: "id", sameSite: .lax, isPartitioned: false, lifetime: nil, isLocal: true)

    var fullName: String { self.isLocal ? self.name : "__Host-" + self.name }

    /// The name of another cookie beside it: the token of a user who is remembered.
    private var rememberName: String { self.fullName + "-remember" }

    /// The field that sets it.
    func field(_ id: SessionID) -> String { self.field(self.fullName, id.text, self.lifetime) }

    /// The field that sets the other.
    func field(_ token: RememberToken, _ lifetime: Duration) -> String {
        self.field(self.rememberName, token.text, lifetime)
    }

    /// The field that removes it.
    var removal: String { self.field(self.fullName, "", .zero) }

    /// The field that removes the other.
    var rememberRemoval: String { self.field(self.rememberName, "", .zero) }

    private func field(_ name: String, _ value: String, _ lifetime: Duration?) -> String {
        "\(name)=\(value)" + self.attributes + (lifetime.map { "; Max-Age=\($0.components.seconds)" } ?? "")
    }

    private var attributes: String {
        "; Path=/; HttpOnly; SameSite=\(self.sameSite.rawValue)" + (self.isLocal ? "" : "; Secure")
            + (self.isPartitioned ? "; Partitioned" : "")
    }

    /// The id that a request brings.
    func id(in request: Request) -> SessionID? { self.only(self.fullName, in: request) { SessionID($0) } }

    /// The token that a request brings.
    func token(in request: Request) -> RememberToken? {
        self.only(self.rememberName, in: request) { RememberToken($0) }
    }

    /// What a cookie holds; nil for none, for what cannot be read, and for more than one. Looks no further than is needed.
    private func only<Value>(_ name: String, in request: Request, _ read: (Substring) -> Value?) -> Value? {
        var found: Value?
        let name = Array("\(name)=".utf8)
        for field in request.headers[values: .cookie] {
            // By bytes, as browsers do: to characters there are other semicolons, and such as are part of what stands before.
            for pair in Substring(field).utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                guard pair.starts(with: name) else { continue }
                // Which of two the user meant nobody can tell: one may be put there by somebody else.
                guard found == nil, let value = read(Substring(pair.dropFirst(name.count))) else { return nil }
                found = value
            }
        }
        return found
    }
}
#endif
