// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation

extension Tool {
    /// Says something when the user interrupts, and ends the tool as the signal would; until what is returned is cancelled.
    static func onInterruption(_ say: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            say()
            Foundation.exit(130)
        }
        source.resume()
        return source
    }
}
#endif
