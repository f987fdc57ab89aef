// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// The text with what would move a terminal's cursor, begin another line or turn the direction of what follows, written out.
    package var printable: String {
        var text = ""
        for scalar in self.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
