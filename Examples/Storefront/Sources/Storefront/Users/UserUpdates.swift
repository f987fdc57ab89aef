// SPDX-License-Identifier: Apache-2.0

import LarderRedis
import Logging
import NIOConcurrencyHelpers
import RedisDriver
import ServiceLifecycle

/// A user has changed.
struct UserUpdated: Codable, Sendable {
    var id: Int
}

extension EventTopic<UserUpdated> {
    static let userUpdated = EventTopic("user_updated")
}

/// What all processes tell each other of users, as this one has heard it: something that no cache keeps up to date.
final class UserUpdates: Service {
    private let bus: EventBus
    private let logger: Logger
    /// The last of them, newest first; nil for a gap.
    private let heard = NIOLockedValueBox<[Int?]>([])

    init(bus: EventBus, logger: Logger) {
        self.bus = bus
        self.logger = logger
    }

    var recent: [Int?] { self.heard.withLockedValue { $0 } }

    /// Tells the others, if it can be done: what was told to nobody is a gap to them, and no failure of the change.
    func tell(_ id: Int) async {
        do {
            try await self.bus.publish(UserUpdated(id: id), to: .userUpdated)
        } catch {
            self.logger.info("an update was not told: \(error)")
        }
    }

    /// Listens until the service stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.bus.subscribe(to: .userUpdated) { events in
                        for await event in events { self.note(event) }
                    }
                } catch {
                    self.logger.info("updates are not heard: \(error)")
                }
                self.note(.gap)
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func note(_ event: EventSubscription<UserUpdated>.Element) {
        let id: Int? = if case .event(let updated) = event { updated.id } else { nil }
        self.heard.withLockedValue { heard in
            // Gaps in a row are one.
            guard id != nil || heard.first != .some(nil) else { return }
            heard = Array(([id] + heard).prefix(100))
        }
    }
}
