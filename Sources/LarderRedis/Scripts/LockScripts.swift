// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// A lock as a key that holds the token of its holder for the time of the lease, and another for the number of its last holder.
///
/// Keys: the lock, the numbers; they share a slot.
enum LockScripts {
    /// Arguments: token, lease in milliseconds, for how long the numbers are kept. Answers with the fencing number, or with 0 and for how
    /// long the lock is held.
    ///
    /// Numbers rise with each holder, also when the key of the last one is lost: none is below the server's time in microseconds.
    static let acquire = RedisScript(
        """
        if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
            return {0, redis.call('PTTL', KEYS[1])}
        end
        local time = redis.call('TIME')
        local last = redis.pcall('GET', KEYS[2])
        last = type(last) == 'string' and tonumber(string.match(last, '^%d+$')) or 0
        local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
        redis.call('SET', KEYS[2], number, 'PX', ARGV[3])
        return {tonumber(number), 0}
        """)

    /// Arguments: token, lease in milliseconds. Answers whether the token holds the lock.
    static let renew = RedisScript(
        """
        if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """)

    /// Argument: token. Answers whether it held the lock.
    static let release = RedisScript(
        """
        if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """)
}
