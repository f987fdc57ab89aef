// SPDX-License-Identifier: Apache-2.0

#if Macros
import Larder

/// How types are named in regions.
public enum CachedTypeName {
    /// The name of a type with its module and what it is generic over, the same in every run.
    public static func of(_ type: Any.Type) -> String {
        stableName(of: type)
    }
}
#endif
