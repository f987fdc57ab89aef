// SPDX-License-Identifier: Apache-2.0

/// Finds the place of an entry by its hash: open addressing with linear probing, four bytes a slot.
///
/// A slot holds a place in its upper 24 bits and the low 8 bits of the hash in the others, so that nearly every look at
/// an entry is a look at the right one. Removing moves later slots back, so there are no graves to clean up.
@usableFromInline
struct HashIndex: ~Copyable {
    /// The most places there can be.
    @usableFromInline static var maximumCount: Int { 1 << 24 - 1 }
    @usableFromInline static var empty: UInt32 { .max }

    @usableFromInline let slots: UnsafeMutablePointer<UInt32>
    @usableFromInline let size: Int

    /// Makes an empty index with room for `capacity` places; it is then three quarters full.
    @inlinable
    init(capacity: Int) {
        self.size = capacity + capacity / 3 + 1
        self.slots = .allocate(capacity: self.size)
        self.slots.initialize(repeating: Self.empty, count: self.size)
    }

    @inlinable
    deinit { self.slots.deallocate() }

    @inlinable @inline(__always)
    func home(of hash: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(hash) &* UInt64(truncatingIfNeeded: self.size)) >> 32)
    }

    @inlinable @inline(__always)
    func next(_ slot: Int) -> Int {
        slot + 1 == self.size ? 0 : slot + 1
    }

    /// The place of the first entry with this hash that `isWanted`, and its slot.
    @inlinable @inline(__always)
    func find(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> (place: Int, slot: Int)? {
        let tag = hash & 0xFF
        var slot = self.home(of: hash)
        while true {
            let content = self.slots[slot]
            if content & 0xFF == tag, content != Self.empty {
                let place = Int(content >> 8)
                if isWanted(place) { return (place, slot) }
            }
            if content == Self.empty { return nil }
            slot = self.next(slot)
        }
    }

    /// Adds a place; there must be a free slot.
    @inlinable
    func add(_ hash: UInt32, place: Int) {
        var slot = self.home(of: hash)
        while self.slots[slot] != Self.empty { slot = self.next(slot) }
        self.slots[slot] = UInt32(truncatingIfNeeded: place) << 8 | hash & 0xFF
    }

    /// Notes that the entry at `place` moved to another.
    @inlinable
    func move(_ hash: UInt32, from place: Int, to newPlace: Int) {
        guard let (_, slot) = self.find(hash, { $0 == place }) else { return }
        self.slots[slot] = UInt32(truncatingIfNeeded: newPlace) << 8 | hash & 0xFF
    }

    /// Removes the entry at `place`. `hashAt` gives the hash of the entry at a place.
    @inlinable
    func remove(_ hash: UInt32, place: Int, hashAt: (Int) -> UInt32) {
        guard var (_, hole) = self.find(hash, { $0 == place }) else { return }
        var slot = self.next(hole)
        while self.slots[slot] != Self.empty {
            let home = self.home(of: hashAt(Int(self.slots[slot] >> 8)))
            // What lies between its home and the hole cannot be found over the hole.
            let fromHome = slot >= home ? slot - home : slot + self.size - home
            let fromHole = slot >= hole ? slot - hole : slot + self.size - hole
            if fromHome >= fromHole {
                self.slots[hole] = self.slots[slot]
                hole = slot
            }
            slot = self.next(slot)
        }
        self.slots[hole] = Self.empty
    }
}
