// SPDX-License-Identifier: Apache-2.0

#if CLI
/// Numbers as people read them: two or three digits, and a unit.
enum Quantity {
    static func time(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        let (unit, name) =
            switch seconds {
            case ..<120: (1.0, "s")
            case ..<7_200: (60.0, "m")
            case ..<172_800: (3_600.0, "h")
            default: (86_400.0, "d")
            }
        return "\(Int((seconds / unit).rounded())) \(name)"
    }

    static func bytes(_ count: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(count), 0)
        while value >= 1_000, unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
        return "\(Self.short(value)) \(units[unit])"
    }

    static func percent(_ share: Double) -> String { "\(Self.short(share * 100)) %" }

    /// With one digit behind the point where it has few before it.
    static func short(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
        let tenths = (number * 10).rounded()
        let isWhole = number >= 100 || tenths.truncatingRemainder(dividingBy: 10) == 0
        return isWhole ? "\(Int(number.rounded()))" : "\(tenths / 10)"
    }
}
#endif
