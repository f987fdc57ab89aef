// SPDX-License-Identifier: Apache-2.0

#if Macros
/// A type whose instances give the same results for the same arguments, so that their cached functions share entries.
///
/// A type whose instances differ conforms to `CacheKeyComponent` instead: then what it encodes is a part of every key.
public protocol CacheSharing {}
#endif
