// SPDX-License-Identifier: Apache-2.0

#if ServiceLifecycle
public import ServiceLifecycle

extension RedisClient: Service {
    /// Waits for the service's graceful shutdown, and then closes the client.
    ///
    /// The client works without it. Services that use it come after it in their group, so that they stop before it.
    public func run() async throws {
        try? await gracefulShutdown()
        await self.close()
    }
}
#endif
