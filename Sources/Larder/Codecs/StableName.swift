// SPDX-License-Identifier: Apache-2.0

/// The name of a type with its module and what it is generic over, the same in every run.
package func stableName(of type: Any.Type) -> String {
    let name = String(reflecting: type)
    // A private type is named with an address, which is another in every run.
    guard name.contains("(unknown context at ") else { return name }
    var parts = name.split(separator: "(unknown context at ", omittingEmptySubsequences: false)[...]
    let first = parts.popFirst() ?? ""
    return parts.reduce(String(first)) { $0 + "private" + $1.drop { $0 != ")" }.dropFirst() }
}
