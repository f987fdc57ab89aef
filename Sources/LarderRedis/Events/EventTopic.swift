// SPDX-License-Identifier: Apache-2.0

/// What services tell each other about: a name with the type of what is said.
///
/// ```swift
/// struct UserUpdated: Codable, Sendable {
///     var id: Int
/// }
///
/// let userUpdated = EventTopic<UserUpdated>("user_updated")
/// ```
public struct EventTopic<Event: Codable & Sendable>: Sendable, Hashable {
    /// The name, which all services must agree on.
    public let name: String

    /// Makes a topic.
    public init(_ name: String) {
        self.name = name
    }
}
