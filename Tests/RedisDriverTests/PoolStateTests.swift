// SPDX-License-Identifier: Apache-2.0

import LarderTesting
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
            case .close(let connection): "close \(connection)"
            }
        }.joined(separator: ", ")
    }

    private static let start = NIODeadline.uptimeNanoseconds(0)

    @Test func connectionsAreMadeOnDemandLentAndUsedAgain() {
        var pool = Pool(minimum: 0, maximum: 2, maximumWaiters: 10)
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
        var pool = Pool(minimum: 0, maximum: 1, maximumWaiters: 10)
        for waiter in 1...3 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        #expect(pool.abandon(1) == 1 && pool.abandon(1) == nil)
        #expect(Self.text(pool.connected(10, id: 10, at: Self.start)) == "lend 10 to 2")
    }

    @Test func oneThatIsOfNoUseIsReplacedForThoseWhoWait() {
        var pool = Pool(minimum: 0, maximum: 1, maximumWaiters: 10)
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

    @Test func waitersAreBoundedAndAClosedPoolLendsNothing() {
        var pool = Pool(minimum: 0, maximum: 1, maximumWaiters: 2)
        for waiter in 1...2 { _ = pool.lease(waiter, ticket: UInt64(waiter)) }
        #expect(Self.text(pool.lease(3, ticket: 3)) == "refuse 3 overloaded")
        _ = pool.connected(10, id: 10, at: Self.start)
        #expect(Self.text(pool.close()) == "refuse 2 clientClosed")
        #expect(Self.text(pool.returned(10, id: 10, isUsable: true, at: Self.start)) == "close 10")
        #expect(Self.text(pool.lease(4, ticket: 4)) == "refuse 4 clientClosed")
    }

    @Test func whatIsIdleForLongIsClosedDownToTheMinimum() {
        var pool = Pool(minimum: 1, maximum: 4, maximumWaiters: 10)
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
        var pool = Pool(minimum: Int.random(in: 0...1, using: &random), maximum: maximum, maximumWaiters: 5)
        var (connecting, open, lent, waiting): (Int, Set<UInt64>, Set<UInt64>, Set<Int>) = (0, [], [], [])
        var next: UInt64 = 100
        func take(_ actions: [Pool.Action]) {
            for action in actions {
                switch action {
                case .lend(let connection, let waiter):
                    #expect(waiting.remove(waiter) != nil && lent.insert(connection).inserted)
                case .refuse(let waiter, _): #expect(waiting.remove(waiter) != nil)
                case .connect: connecting += 1
                case .close(let connection): open.remove(connection)
                }
            }
            #expect(connecting + open.count <= maximum)
        }
        for step in 0..<300 {
            let now = Self.start + .nanoseconds(Int64(step))
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1:
                waiting.insert(step)
                take(pool.lease(step, ticket: UInt64(step)))
            case 2 where connecting > 0:
                connecting -= 1
                next += 1
                open.insert(next)
                take(pool.connected(next, id: next, at: now))
            case 3 where connecting > 0:
                connecting -= 1
                next += 1
                take(pool.ended(next, RedisError(.connectionFailed, "")))
            case 4:
                guard let connection = lent.randomElement(using: &random) else { continue }
                lent.remove(connection)
                let isUsable = Bool.random(using: &random)
                if !isUsable { open.remove(connection) }
                take(pool.returned(connection, id: connection, isUsable: isUsable, at: now))
                if !isUsable { take(pool.ended(connection, RedisError(.connectionClosed, ""))) }
            case 5:
                guard let waiter = waiting.randomElement(using: &random) else { continue }
                #expect(pool.abandon(UInt64(waiter)) == waiter)
                waiting.remove(waiter)
            default:
                take(pool.trim(idleSince: now - .nanoseconds(20)))
            }
            #expect(pool.lent == lent.count)
        }
        take(pool.close())
        #expect(waiting.isEmpty)
    }
}
