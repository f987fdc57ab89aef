// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers

/// Callers who wait for the server to say that a key has changed (`CLIENT TRACKING`).
final class KeyWatches: Sendable {
    /// One caller's wait, which begins before the server is asked, so that nothing that it says is missed.
    final class Watch: Sendable {
        let key: String
        private let state = NIOLockedValueBox((isTold: Bool?.none, caller: CheckedContinuation<Bool, Never>?.none))

        fileprivate init(_ key: String) {
            self.key = key
        }

        /// Returns when the server tells that the key has changed, or at the latest after a time.
        ///
        /// - Returns: Whether it has told.
        func wait(atMost duration: Duration, on clock: some CacheClock) async -> Bool {
            let timer = Task {
                try await clock.sleep(for: duration)
                self.end(isTold: false)
            }
            defer { timer.cancel() }
            return await withCheckedContinuation { caller in
                let isTold = self.state.withLockedValue { state in
                    if state.isTold == nil { state.caller = caller }
                    return state.isTold
                }
                if let isTold { caller.resume(returning: isTold) }
            }
        }

        fileprivate func end(isTold: Bool) {
            let caller = self.state.withLockedValue { state -> CheckedContinuation<Bool, Never>? in
                guard state.isTold == nil else { return nil }
                defer { state = (isTold, nil) }
                return state.caller
            }
            caller?.resume(returning: isTold)
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

    func handle(_ invalidation: KeyInvalidation) {
        let told = self.watches.withLockedValue { watches -> [Watch] in
            switch invalidation {
            case .all: watches.values.flatMap { $0 }
            case .keys(let keys): keys.flatMap { watches[$0] ?? [] }
            }
        }
        for watch in told { watch.end(isTold: true) }
    }
}
