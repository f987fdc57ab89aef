// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// The invalidation log as a sorted set: `t:` and a tag, `f:` the floor, `h:` and the epoch the head, each scored by its
/// sequence; and at zero `r:` and the run id of the server process that made it.
enum LogScripts {
    /// `now` in microseconds; `name`, `head` and `floor`, nil and -1 for what is missing or no sequence; `make(above)`, which
    /// makes the log anew above a sequence; `mint()`, which gives a new sequence.
    private static let prelude = """
        local log, epoch = KEYS[1], ARGV[1]
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local server = redis.call('INFO', 'server')
        local run = 'r:' .. string.match(server, 'run_id:(%w+)')
        local kind = redis.call('TYPE', log)['ok']
        if kind ~= 'zset' and kind ~= 'none' then redis.call('UNLINK', log) end
        local function text(number) return string.format('%.0f', number) end
        local function sequence(score)
            local number = tonumber(score or '-1')
            if number >= 0 and number < 9007199254740000 then return number end
            return -1
        end
        local top = redis.call('ZRANGE', log, 0, 0, 'REV', 'WITHSCORES')
        local name, head = top[1], sequence(top[2])
        local floor = sequence(redis.call('ZSCORE', log, 'f:'))
        local function make(above)
            floor = math.max(now, head + 1, above + 1)
            head = floor + 1
            name = 'h:' .. epoch
            redis.call('UNLINK', log)
            redis.call('ZADD', log, 0, run, text(floor), 'f:', text(head), name)
        end
        local function isWhole()
            return name and string.sub(name, 1, 2) == 'h:' and head >= 0 and floor >= 0
        end
        local function mint()
            if not isWhole() then make(0) end
            local sequence = math.max(head + 1, now)
            redis.call('ZADD', log, text(sequence + 1), name)
            return sequence
        end
        """

    /// Arguments: a new epoch, the epoch and head that the caller knows, empty and 0 for nothing.
    /// Answers: the server's time in milliseconds, whether all follows (1 or 0), members and scores.
    ///
    /// A log that another server process made is trusted only if its floor is not older than this one: or else it came
    /// from a snapshot, and whatever was invalidated since may be in that snapshot too. Servers tell how long they run in
    /// whole seconds, so `started` is up to two seconds late.
    static let recover = RedisScript(
        Self.prelude + """

            local known = tonumber(ARGV[3])
            local uptime = string.match(server, 'uptime_in_seconds:(%d+)')
            local started = (time[1] - uptime + 1) * 1000000
            local isOfThisRun = redis.call('ZSCORE', log, run)
            local isSame = name == 'h:' .. ARGV[2]
            if not isWhole() or (floor < started and not isOfThisRun) or (isSame and head < known) then
                make(known)
                isSame = false
            end
            local from = isSame and ARGV[3] or '-inf'
            local members = redis.call('ZRANGE', log, from, '+inf', 'BYSCORE', 'WITHSCORES')
            return {math.floor(now / 1000), isSame and 0 or 1, members}
            """, allowsOutOfMemory: true)

    /// Arguments: a new epoch, how many tags to remember, tags.
    static let invalidate = RedisScript(
        Self.prelude + """

            local sequence = mint()
            for i = 3, #ARGV do redis.call('ZADD', log, text(sequence), 't:' .. ARGV[i]) end
            -- The floor comes before the tags, the head after them.
            local over = redis.call('ZCOUNT', log, '(0', '+inf') - 2 - tonumber(ARGV[2])
            if over > 0 then
                local last = redis.call('ZRANGE', log, '(0', '+inf', 'BYSCORE', 'LIMIT', over, 1, 'WITHSCORES')[2]
                redis.call('ZREMRANGEBYSCORE', log, '(0', last)
                redis.call('ZADD', log, text(math.max(floor, tonumber(last))), 'f:')
            end
            return 1
            """, allowsOutOfMemory: true)

    /// Argument: a new epoch.
    static let clear = RedisScript(
        Self.prelude + """

            local sequence = mint()
            redis.call('ZREMRANGEBYSCORE', log, '(0', text(sequence))
            redis.call('ZADD', log, text(sequence), 'f:')
            return 1
            """, allowsOutOfMemory: true)
}
