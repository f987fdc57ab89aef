// SPDX-License-Identifier: Apache-2.0

/// A fixed number of states, each behind a lock of its own, lock and state side by side in cache lines that no other
/// cell touches.
///
/// Sendable though it holds a pointer: a state is reached only by ``withLock(_:_:)``, under its lock. States must not
/// share what is not Sendable, nor let it out.
@usableFromInline
struct LockedCells<State: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let count: Int
    @usableFromInline let base: UnsafeMutableRawPointer

    /// Where in a cell the state begins, behind its lock.
    @inlinable static var stateOffset: Int {
        (MemoryLayout<CellLock>.size + MemoryLayout<State>.alignment - 1) / MemoryLayout<State>.alignment
            * MemoryLayout<State>.alignment
    }

    /// The size of a cell, a multiple of two lines, since processors fetch them in pairs.
    @inlinable static var stride: Int { (Self.stateOffset + MemoryLayout<State>.size + 127) / 128 * 128 }

    @inlinable
    init(count: Int, makeState: (Int) -> State) {
        self.count = count
        self.base = .allocate(byteCount: Self.stride * count, alignment: 128)
        for index in 0..<count {
            let cell = self.base + index * Self.stride
            cell.bindMemory(to: CellLock.self, capacity: 1).initialize(to: CellLock())
            (cell + Self.stateOffset).bindMemory(to: State.self, capacity: 1).initialize(to: makeState(index))
        }
    }

    @inlinable
    deinit {
        for index in 0..<self.count {
            self.lock(index).deinitialize(count: 1)
            self.state(index).deinitialize(count: 1)
        }
        self.base.deallocate()
    }

    /// Runs `body` on the state at `index`, alone.
    @inlinable @inline(__always)
    func withLock<Result: ~Copyable>(_ index: Int, _ body: (inout State) -> Result) -> Result {
        // Two pointers: as parts of one value, lock and state could not be accessed at the same time.
        let state = self.state(index)
        return self.lock(index).pointee.withLock { body(&state.pointee) }
    }

    @inlinable @inline(__always)
    func lock(_ index: Int) -> UnsafeMutablePointer<CellLock> {
        (self.base + index * Self.stride).assumingMemoryBound(to: CellLock.self)
    }

    @inlinable @inline(__always)
    func state(_ index: Int) -> UnsafeMutablePointer<State> {
        (self.base + index * Self.stride + Self.stateOffset).assumingMemoryBound(to: State.self)
    }
}
