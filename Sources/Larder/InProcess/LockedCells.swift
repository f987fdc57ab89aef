// SPDX-License-Identifier: Apache-2.0

/// A fixed number of states, each behind a lock of its own, lock and state side by side in cache lines that no other
/// cell touches.
///
/// Sendable though it holds a pointer: a state is reached only by ``withLock(_:_:)``, under its lock.
@usableFromInline
struct LockedCells<State: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline
    struct Cell: ~Copyable {
        @usableFromInline let lock = CellLock()
        @usableFromInline var state: State

        @inlinable
        init(_ state: consuming State) {
            self.state = state
        }
    }

    @usableFromInline let count: Int
    @usableFromInline let base: UnsafeMutableRawPointer

    /// The size of a cell, a multiple of two lines, since processors fetch them in pairs.
    @inlinable static var stride: Int { (MemoryLayout<Cell>.size + 127) / 128 * 128 }

    @inlinable
    init(count: Int, makeState: (Int) -> State) {
        self.count = count
        self.base = .allocate(byteCount: Self.stride * count, alignment: 128)
        for index in 0..<count {
            let cell = (self.base + index * Self.stride).bindMemory(to: Cell.self, capacity: 1)
            cell.initialize(to: Cell(makeState(index)))
        }
    }

    @inlinable
    deinit {
        for index in 0..<self.count { self.cell(index).deinitialize(count: 1) }
        self.base.deallocate()
    }

    /// Runs `body` on the state at `index`, alone.
    @inlinable @inline(__always)
    func withLock<Result: ~Copyable>(_ index: Int, _ body: (inout State) -> Result) -> Result {
        let cell = self.cell(index)
        return cell.pointee.lock.withLock { body(&cell.pointee.state) }
    }

    @inlinable @inline(__always)
    func cell(_ index: Int) -> UnsafeMutablePointer<Cell> {
        (self.base + index * Self.stride).assumingMemoryBound(to: Cell.self)
    }
}
