// SPDX-License-Identifier: Apache-2.0

#if Macros
/// How values are written in tags.
public enum CachedTag {
    /// A part of a tag.
    public static func part(_ value: some Any) -> String { "\(value)" }

    /// The same whether a value is optional or not: the tags of what is cached and of what is invalidated must agree.
    public static func part(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "nil" }
}
#endif
