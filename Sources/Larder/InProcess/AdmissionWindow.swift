// SPDX-License-Identifier: Apache-2.0

/// The order in which the entries of the window came, as places in the shard's array.
///
/// What leaves from the middle leaves a hole; holes go when they are a third of it.
@usableFromInline
struct AdmissionWindow {
    @usableFromInline static var hole: UInt32 { .max }

    @usableFromInline var places: [UInt32] = []
    @usableFromInline var start = 0
    /// How many entries are in it.
    @usableFromInline var count = 0

    @inlinable
    init() {}

    /// Whether ``compact(_:)`` is due before the next ``append(_:)``.
    @inlinable var isSparse: Bool { self.places.count >= self.count + self.count / 2 + 16 }

    /// Puts an entry last; returns its position.
    @inlinable
    mutating func append(_ place: Int) -> UInt32 {
        self.places.append(UInt32(truncatingIfNeeded: place))
        self.count += 1
        return UInt32(truncatingIfNeeded: self.places.count - 1)
    }

    @inlinable
    mutating func remove(at position: UInt32) {
        self.places[Int(position)] = Self.hole
        self.count -= 1
    }

    @inlinable
    mutating func move(_ position: UInt32, to place: Int) {
        self.places[Int(position)] = UInt32(truncatingIfNeeded: place)
    }

    /// The place of the entry that came first.
    @inlinable
    mutating func oldest() -> Int? {
        while self.start < self.places.count {
            let place = self.places[self.start]
            if place != Self.hole { return Int(place) }
            self.start += 1
        }
        return nil
    }

    /// Closes the holes, and tells each entry its new position.
    @inlinable
    mutating func compact(_ moved: (_ place: Int, _ position: UInt32) -> Void) {
        var next = 0
        for position in self.start..<self.places.count where self.places[position] != Self.hole {
            self.places[next] = self.places[position]
            moved(Int(self.places[next]), UInt32(truncatingIfNeeded: next))
            next += 1
        }
        self.places.removeLast(self.places.count - next)
        self.start = 0
    }

    @inlinable
    mutating func removeAll() {
        self.places.removeAll(keepingCapacity: true)
        self.start = 0
        self.count = 0
    }
}
