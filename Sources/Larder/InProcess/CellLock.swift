// SPDX-License-Identifier: Apache-2.0

public import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Android)
import Android
#endif

/// A lock for sections of some tens of nanoseconds.
///
/// Taking it is one atomic exchange, giving it back a plain store. Whoever finds it taken looks again for a while, then
/// lets others run, then sleeps in steps: its owner has lost the processor. One who has waited for long keeps
/// newcomers out, for an owner who comes back at once would be faster for ever.
///
/// With two threads that always want it, it is three times as fast as the system's mutex, with more threads than
/// processors twice. There, `Synchronization.Mutex` of Swift 6.3, on Linux a futex with priority inheritance, takes
/// several hundred times as long; the thread sanitizer does not understand it either. Darwin's lock lends the owner the
/// waiter's priority, which this one cannot.
@usableFromInline
struct CellLock: ~Copyable {
    #if canImport(Darwin)
    @usableFromInline let mutex = Mutex<Void>(())
    #else
    @usableFromInline let isTaken = Atomic<Bool>(false)
    /// Whether someone has waited for long. Who sets it clears it on getting in.
    @usableFromInline let isOverdue = Atomic<Bool>(false)
    #endif

    @inlinable
    init() {}

    @inlinable @inline(__always)
    borrowing func withLock<Result: ~Copyable>(_ body: () -> Result) -> Result {
        #if canImport(Darwin)
        return self.mutex.withLock { _ in body() }
        #else
        if self.isOverdue.load(ordering: .relaxed) || !self.take() { self.wait() }
        defer { self.isTaken.store(false, ordering: .releasing) }
        return body()
        #endif
    }

    #if !canImport(Darwin)
    @inlinable @inline(__always)
    borrowing func take() -> Bool {
        self.isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    @usableFromInline @inline(never)
    borrowing func wait() {
        var round = 0
        while true {
            for _ in 0..<100 where !self.isTaken.load(ordering: .relaxed) {
                if round == 0, self.isOverdue.load(ordering: .relaxed) { continue }
                guard self.take() else { continue }
                if round >= 2 { self.isOverdue.store(false, ordering: .relaxed) }
                return
            }
            round += 1
            if round >= 2 { self.isOverdue.store(true, ordering: .relaxed) }
            if round < 10 {
                sched_yield()
            } else {
                usleep(50)
            }
        }
    }
    #endif
}
