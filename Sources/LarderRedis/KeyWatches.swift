// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import RedisDriver

/// Callers who wait for the server to say that a key has changed (`CLIENT TRACKING`).
final class KeyWatches: Sendable {
    /// One caller's wait, which begins before the server is asked, so that nothing that it says is missed.
    final class Watch: Sendable {
        let key: String
        private let state = NIOLockedValueBox((isOver: false, caller: CheckedContinuation<Void, Never>?.none))

        fileprivate init(_ key: String) {
            self.key = key
        }

        /// Returns when the key has changed or the watch was ended.
        func wait() async {
            await withCheckedContinuation { caller in
                let isOver = self.state.withLockedValue { state in
                    if !state.isOver { state.caller = caller }
                    return state.isOver
                }
                if isOver { caller.resume() }
            }
        }

        func end() {
            let caller = self.state.withLockedValue { state in
                defer { state = (true, nil) }
                return state.caller
            }
            caller?.resume()
        }
    }

    private let watches = NIOLockedValueBox<[String: [Watch]]>([:])

    func add(_ key: String) -> Watch {
        let watch = Watch(key)
        self.watches.withLockedValue { $0[key, default: []].append(watch) }
        return watch
    }

    func remove(_ watch: Watch) {
        self.watches.withLockedValue { watches in
            watches[watch.key]?.removeAll { $0 === watch }
            if watches[watch.key]?.isEmpty == true { watches[watch.key] = nil }
        }
    }

    /// Takes a push: `invalidate` with keys, or with nothing for all.
    func handle(_ push: RedisValue) {
        guard case .array(let parts) = push, parts.count == 2, parts[0].text == "invalidate" else { return }
        let told = self.watches.withLockedValue { watches -> [Watch] in
            guard case .array(let keys) = parts[1] else { return watches.values.flatMap { $0 } }
            return keys.compactMap(\.text).flatMap { watches[$0] ?? [] }
        }
        for watch in told { watch.end() }
    }
}
