// SPDX-License-Identifier: Apache-2.0

#if CLI
/// Rows of cells, one below the other. The last column is as wide as it likes.
struct TextTable {
    var head: [String]
    /// Which columns are numbers, and end where they can be compared.
    var numbers: Range<Int>
    var rows: [[String]]

    /// The lines; none when there are no rows.
    var lines: [String] {
        guard !self.rows.isEmpty else { return [] }
        let all = [self.head] + self.rows
        let last = self.head.count - 1
        let widths = (0..<last).map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return self.numbers.contains(column) ? space + cell.0 : cell.0 + space
            }
            return (cells + [row[last]]).joined(separator: "  ")
        }
    }
}
#endif
