// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// The invalidation log as a sorted set: `t:` and a tag, `f:` the floor, `h:` and the epoch the head, each scored by its
/// sequence; and at zero `r:` and which servers it knows, each as the master of which replication: the one that made it, and with a
/// cluster all that have entries.
enum LogScripts {
    /// `now` in microseconds; `run()`, the member that names this server as the master that it is: another after a restart, and
    /// after each promotion, since what was acknowledged elsewhere in between is missing here; `name`, `head` and `floor`, nil and -1
    /// for what is missing or no sequence; `make(above)`, which makes the log anew above a sequence; `mint()`, which
    /// gives a new sequence.
    private static let prelude = """
        local log, epoch = KEYS[1], ARGV[1]
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local kind = redis.call('TYPE', log)['ok']
        if kind ~= 'zset' and kind ~= 'none' then redis.call('UNLINK', log) end
        local function replication() return string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') end
        local function run()
            return 'r:' .. string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') .. '.' .. replication()
        end
        local function text(number) return string.format('%.0f', number) end
        local function sequence(score)
            local number = tonumber(score or '-1')
            if number >= 0 and number < 9007199254740000 then return number end
            return -1
        end
        local top = redis.call('ZRANGE', log, 0, 0, 'REV', 'WITHSCORES')
        local name, head = top[1], sequence(top[2])
        local floor = sequence(redis.call('ZSCORE', log, 'f:'))
        local others = {}
        local function make(above)
            floor = math.max(now, head + 1, above + 1)
            head = floor + 1
            name = 'h:' .. epoch
            -- What the servers had that it knew is ended along with the rest.
            local runs = redis.call('ZRANGE', log, 0, 0, 'BYSCORE', 'LIMIT', 0, 100)
            if #runs == 100 then runs = {} end
            redis.call('UNLINK', log)
            for i = 1, #runs do redis.call('ZADD', log, 0, runs[i]) end
            for i = 1, #others do redis.call('ZADD', log, 0, others[i]) end
            redis.call('ZADD', log, 0, run(), text(floor), 'f:', text(head), name)
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

    /// Arguments: a new epoch; the epoch and head that the caller knows, empty and 0 for nothing; how many tags to answer with; the names
    /// of the other servers that have entries, if it is a cluster.
    /// Answers: the server's time in milliseconds, whether the caller should forget what it knew (1 or 0), the name of its
    /// replication, members and scores; or an error when this server
    /// is no master. Of a longer log only the newest tags, under a floor that stands for the others.
    ///
    /// A log that another master made is made anew. It came from a snapshot or over replication, and may lack
    /// what was acknowledged last; and a key that was removed leaves no trace in a log, but may be back.
    static let recover = RedisScript(
        Self.prelude + """

            if not string.find(redis.call('INFO', 'replication'), 'role:master') then
                return redis.error_reply('READONLY this server is no master')
            end
            local known, most = tonumber(ARGV[3]), tonumber(ARGV[4])
            local isSame = name == 'h:' .. ARGV[2]
            local isKnown = redis.call('ZSCORE', log, run())
            for i = 5, #ARGV do
                others[#others + 1] = ARGV[i]
                isKnown = isKnown and redis.call('ZSCORE', log, ARGV[i])
            end
            if not isWhole() or (isSame and head < known) or not isKnown then
                make(known)
                isSame = false
            end
            local from = isSame and ARGV[3] or '(0'
            local over = redis.call('ZCOUNT', log, from, '+inf') - 2 - most
            if over > 0 then
                -- The head is last, and before it the newest tags.
                local members = redis.call('ZRANGE', log, -1 - most, -1, 'WITHSCORES')
                members[#members + 1] = 'f:'
                members[#members + 1] = redis.call('ZRANGE', log, -2 - most, -2 - most, 'WITHSCORES')[2]
                return {math.floor(now / 1000), isSame and 0 or 1, replication(), members}
            end
            local members = redis.call('ZRANGE', log, from, '+inf', 'BYSCORE', 'WITHSCORES')
            return {math.floor(now / 1000), isSame and 0 or 1, replication(), members}
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
