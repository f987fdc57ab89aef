// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import RedisDriver

@Suite struct PoolStateTests {
    private typealias Pool = PoolState<UInt64, Int>

    private static func text(_ actions: [Pool.Action]) -> String {
        actions.map { action in
            switch action {
            case .lend(let connection, let waiter): "lend \(connection) to \(waiter)"
            case .refuse(let waiter, let error): "refuse \(waiter) \(error.code)"
            case .connect: "connect"
            case .connectLater: "connect later"
            case .close(let connection): "close \(connection)"
            }
        }.joined(separator: ", ")
    }

    /// A pool whose first connections have the numbers 10, 20 and so on.
    private static func pool(minimum: Int, maximum: Int, maximumWaiters: Int) -> Pool {
        let last = NIOLockedValueBox<UInt64>(0)
        return Pool(minimum: minimum, maximum: maximum, maximumWaiters: maximumWaiters) {
            last.withLockedValue { last in
                last += 10
                return last
            }
        }
    }

    private static let start = NIODeadline.uptimeNanoseconds(0)

    @Test func connectionsAreMadeOnDemandLentAndUsedAgain() {
        var pool = Self.pool(minimum: 0, maximum: 2, maximumWaiters: 10)
        #expect(Self.text(pool.lease(1, ticket: 1)) == "connect")
        #expect(Self.text(pool.lease(2, ticket: 2)) == "connect")
        #expect(Self.text(pool.lease(3, ticket: 3)) == "")
        #expect(Self.text(pool.connected(10, id: 10, at: Self.start)) == "lend 10 to 1")
        #expect(Self.text(pool.connected(20, id: 20, at: Self.start)) == "lend 20 to 2")
        #expect(Self.text(pool.returned(10, id: 10, isUsable: true, at: Self.start)) == "lend 10 to 3")
        #expect(Self.text(pool.returned(20, id: 20, isUsable: true, at: Self.start)) == "")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "lend 20 to 4")
    }

    @Test func whoeverGivesUpIsPassedOver() {
        var pool = Self.pool(minimum: 0, maximum: 1, maximumWaiters: 10)
        for waiter in 1...3 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        #expect(pool.abandon(1) == 1 && pool.abandon(1) == nil)
        #expect(Self.text(pool.connected(10, id: 10, at: Self.start)) == "lend 10 to 2")
    }

    @Test func oneThatIsOfNoUseIsReplacedForThoseWhoWait() {
        var pool = Self.pool(minimum: 0, maximum: 1, maximumWaiters: 10)
        _ = pool.lease(1, ticket: 1)
        _ = pool.connected(10, id: 10, at: Self.start)
        _ = pool.lease(2, ticket: 2)
        #expect(Self.text(pool.returned(10, id: 10, isUsable: false, at: Self.start)) == "close 10, connect")
        #expect(Self.text(pool.ended(10, RedisError(.connectionClosed, ""))) == "")
        #expect(Self.text(pool.ended(20, RedisError(.connectionFailed, ""))) == "refuse 2 connectionFailed")
        // One that ended while it was lent is of no use either.
        _ = pool.lease(3, ticket: 3)
        _ = pool.connected(30, id: 30, at: Self.start)
        _ = pool.ended(30, RedisError(.connectionClosed, ""))
        #expect(Self.text(pool.returned(30, id: 30, isUsable: true, at: Self.start)) == "close 30")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "connect")
    }

    @Test func whoeverWaitsForALentConnectionGetsAnotherTry() {
        var pool = Self.pool(minimum: 0, maximum: 3, maximumWaiters: 10)
        _ = pool.lease(1, ticket: 1)
        _ = pool.connected(10, id: 10, at: Self.start)
        #expect(Self.text(pool.lease(2, ticket: 2)) == "connect")
        #expect(Self.text(pool.ended(20, RedisError(.connectionFailed, ""))) == "connect later")
        #expect(Self.text(pool.connectForWaiters()) == "connect")
        #expect(Self.text(pool.connected(30, id: 30, at: Self.start)) == "lend 30 to 2")
    }

    @Test func afterAChangeNothingIsUsedAgain() {
        var pool = Self.pool(minimum: 0, maximum: 3, maximumWaiters: 10)
        for waiter in 1...3 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        _ = pool.connected(10, id: 10, at: Self.start)
        _ = pool.connected(20, id: 20, at: Self.start)
        _ = pool.returned(10, id: 10, isUsable: true, at: Self.start)
        // One is lent to the third, one is lent still, and one is being made.
        #expect(Self.text(pool.discard()) == "")
        #expect(Self.text(pool.returned(20, id: 20, isUsable: true, at: Self.start)) == "close 20")
        #expect(Self.text(pool.connected(30, id: 30, at: Self.start)) == "close 30")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "connect")
    }

    @Test func waitersAreBoundedAndAClosedPoolLendsNothing() {
        var pool = Self.pool(minimum: 0, maximum: 1, maximumWaiters: 2)
        // One has a connection coming, and two may wait.
        for waiter in 1...3 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        #expect(Self.text(pool.lease(5, ticket: 5)) == "refuse 5 overloaded")
        _ = pool.connected(10, id: 10, at: Self.start)
        #expect(
            Self.text(pool.close(because: RedisError(.clientClosed, "")))
                == "refuse 2 clientClosed, refuse 3 clientClosed")
        #expect(Self.text(pool.returned(10, id: 10, isUsable: true, at: Self.start)) == "close 10")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "refuse 4 clientClosed")
    }

    @Test func whatIsIdleForLongIsClosedDownToTheMinimum() {
        var pool = Self.pool(minimum: 1, maximum: 4, maximumWaiters: 10)
        #expect(Self.text(pool.trim(idleSince: Self.start)) == "connect")
        _ = pool.connected(10, id: 10, at: Self.start)
        for waiter in 1...3 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        for id in [UInt64(20), 30] { _ = pool.connected(id, id: id, at: Self.start) }
        for id in [UInt64(10), 20, 30] {
            _ = pool.returned(id, id: id, isUsable: true, at: Self.start + .nanoseconds(Int64(id)))
        }
        #expect(Self.text(pool.trim(idleSince: Self.start + .nanoseconds(15))) == "close 10")
        _ = pool.ended(10, RedisError(.connectionClosed, ""))
        #expect(Self.text(pool.trim(idleSince: Self.start + .nanoseconds(100))) == "close 20")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "lend 30 to 4")
    }

    /// Under any order of events there are never too many connections, and each caller gets an answer or waits.
    @Test(arguments: 0..<200) func anyScheduleKeepsTheBounds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let maximum = Int.random(in: 1...4, using: &random)
        var pool = Self.pool(minimum: Int.random(in: 0...1, using: &random), maximum: maximum, maximumWaiters: 5)
        var (connecting, open, lent): (Set<UInt64>, Set<UInt64>, Set<UInt64>) = ([], [], [])
        var waiting: Set<Int> = []
        var isLater = false
        func take(_ actions: [Pool.Action]) {
            for action in actions {
                switch action {
                case .lend(let connection, let waiter):
                    #expect(waiting.remove(waiter) != nil && lent.insert(connection).inserted)
                case .refuse(let waiter, _): #expect(waiting.remove(waiter) != nil)
                case .connect(let id): #expect(connecting.insert(id).inserted)
                case .connectLater: isLater = true
                case .close(let connection): open.remove(connection)
                }
            }
            #expect(connecting.count + open.count <= maximum)
        }
        for step in 0..<300 {
            let now = Self.start + .nanoseconds(Int64(step))
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                waiting.insert(step)
                take(pool.lease(step, ticket: UInt64(step)))
            case 2:
                guard let id = connecting.randomElement(using: &random) else { continue }
                connecting.remove(id)
                open.insert(id)
                take(pool.connected(id, id: id, at: now))
            case 3:
                guard let id = connecting.randomElement(using: &random) else { continue }
                connecting.remove(id)
                take(pool.ended(id, RedisError(.connectionFailed, "")))
            case 4:
                guard let connection = lent.randomElement(using: &random) else { continue }
                lent.remove(connection)
                let actions = pool.returned(connection, id: connection, isUsable: .random(using: &random), at: now)
                take(actions)
                if !open.contains(connection) { take(pool.ended(connection, RedisError(.connectionClosed, ""))) }
            case 5:
                guard let waiter = waiting.randomElement(using: &random) else { continue }
                #expect(pool.abandon(UInt64(waiter)) == waiter)
                waiting.remove(waiter)
            case 6 where Int.random(in: 0..<5, using: &random) == 0:
                take(pool.discard())
            default:
                take(pool.trim(idleSince: now - .nanoseconds(20)))
            }
            if isLater, Bool.random(using: &random) {
                isLater = false
                take(pool.connectForWaiters())
            }
            // Whoever waits has something to wait for.
            #expect(waiting.isEmpty || !connecting.isEmpty || !lent.isEmpty || isLater)
            #expect(pool.lent == lent.count)
        }
        take(pool.close(because: RedisError(.clientClosed, "")))
        #expect(waiting.isEmpty)
    }
}
