// SPDX-License-Identifier: Apache-2.0

// Talks to a Redis or Valkey server: commands, pipelines, transactions, messages, clusters.

import NIOCore
import RedisDriver

// snippet.hide
func restock(_ stock: ByteBuffer?) -> Int { (stock.flatMap { Int(String(buffer: $0)) } ?? 0) + 10 }
func update(_ channel: String, _ payload: ByteBuffer) {}
func readEverythingAnew() {}
func work(on job: ByteBuffer) {}
func tokenFromVault() async throws -> String { "" }
// snippet.show

// snippet.begin
let redis = try RedisClient(url: "redis://localhost:6379")

try await redis.execute(SET("greeting", "hello", for: .seconds(60)))
let greeting = try await redis.execute(GET("greeting"))
for try await key in redis.keys(matching: "session:*") { print(key) }
let doubled = try await redis.evaluate(RedisScript("return ARGV[1] * 2"), keys: [], arguments: [21])
// snippet.end

// snippet.pipeline
let (visits, name) = try await redis.pipeline(INCRBY("visits"), GET("name"))
print(try visits.get(), try name.get() ?? ByteBuffer())
for result in try await redis.pipeline((1...100).map { GET("product:\($0)") }) {
    if let product = try result.get() { print(product) }
}
// snippet.end

// snippet.transaction
let (debit, credit) = try await redis.transaction(INCRBY("account:1", -5), INCRBY("account:2", 5))
// snippet.end

// snippet.watch
try await redis.watch(["stock:7"]) { connection in
    let stock = try await connection.execute(GET("stock:7"))
    _ = try await connection.transaction(SET("stock:7", restock(stock)), INCRBY("restocked"))
}
// snippet.end

// snippet.blocking
while let job = try await redis.execute(BLPOP("jobs", blocking: .seconds(30))) { work(on: job.element) }
// snippet.end

// snippet.subscribe
try await redis.subscribe(to: ["prices"], patterns: ["stock:*"]) { subscription in
    for await element in subscription {
        switch element {
        case .message(let message): update(message.channel, message.payload)
        case .gap: readEverythingAnew()
        }
    }
}
// snippet.end

// snippet.topologies
let cluster = try RedisClient(url: "rediss+cluster://app:secret@10.0.0.1:6379,10.0.0.2:6379")
let watched = try RedisClient(url: "redis+sentinel://10.0.0.1,10.0.0.2,10.0.0.3/shop/0?commandTimeoutMilliseconds=250")
// snippet.end

// snippet.credentials
var configuration = RedisClientConfiguration(host: "cache.internal")
configuration.credentials = { RedisCredentials(username: "app", password: try await tokenFromVault()) }
let client = try RedisClient(configuration)
// When the token has changed:
try await client.reauthenticate()
// snippet.end
