// SPDX-License-Identifier: Apache-2.0

/// A type with a value that means "there is none": an optional.
///
/// A loader that gives it has found nothing, and the cache keeps that knowledge as an absence.
protocol AbsenceRepresentable {
    static var absence: Self { get }
    /// The type of what there is.
    static var present: Any.Type { get }
    var isAbsence: Bool { get }
}

extension Optional: AbsenceRepresentable {
    static var absence: Self { nil }
    static var present: Any.Type { Wrapped.self }
    var isAbsence: Bool { if case .none = self { true } else { false } }
}
