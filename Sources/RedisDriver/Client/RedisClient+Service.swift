// SPDX-License-Identifier: Apache-2.0

#if ServiceLifecycle
public import ServiceLifecycle

extension RedisClient: Service {
    /// Waits for the service's graceful shutdown, and then closes the client.
    ///
    /// The client works without it; running it as a service makes it the last to stop.
    public func run() async throws {
        try? await gracefulShutdown()
        await self.close()
    }
}
#endif
