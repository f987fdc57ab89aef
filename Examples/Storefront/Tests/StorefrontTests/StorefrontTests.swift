// SPDX-License-Identifier: Apache-2.0

import Testing

/// All tests of the service, one after the other: each loads the machine, and the cache has deadlines.
@Suite(.serialized) enum StorefrontTests {}
