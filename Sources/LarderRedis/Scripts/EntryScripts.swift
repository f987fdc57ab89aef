// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// The lease protocol as scripts: each does with one key what `EntrySlot` does in a process.
///
/// All answer with the server's time in milliseconds last.
enum EntryScripts {
    /// `now`; `image()`, the first 36 bytes under the key, nil when nothing is there, and empty for what is no string;
    /// `kind(image)`, nil for what is no entry; `holds(image, token)`; `number(value)`, in eight bytes;
    /// `lasts(ms)`, which keeps the key at least so long.
    private static let prelude = """
        local key = KEYS[1]
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function image()
            local bytes = redis.pcall('GETRANGE', key, 0, 35)
            if type(bytes) ~= 'string' then return '' end
            if bytes == '' and redis.call('EXISTS', key) == 0 then return nil end
            return bytes
        end
        local function kind(image)
            if not image or #image < 36 or string.sub(image, 1, 2) ~= '\\202\\001' then return nil end
            local kind = string.byte(image, 3)
            if kind == 0 or kind == 1 or kind == 2 or kind == 4 then return kind end
            return nil
        end
        local function holds(image, token)
            return kind(image) and string.sub(image, 5, 12) == token
        end
        local function number(value) return struct.pack('>I8', value) end
        local function lasts(duration)
            local left = redis.call('PTTL', key)
            if left >= 0 and left < duration then redis.call('PEXPIRE', key, duration) end
        end
        """

    /// Arguments: token, lease in milliseconds, longest lease, whether the caller saw anything (1 or 0), what it saw.
    /// Answers: 0 granted; 1 and what is there; 2 held and for how long; 4 held off and for how long.
    static let acquire = RedisScript(
        Self.prelude + """

            local token, lease, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
            local seen = nil
            if ARGV[4] == '1' then seen = ARGV[5] end
            local image = image()
            if image ~= seen then
                local value = redis.pcall('GET', key)
                if type(value) == 'table' then value = '' end
                return {1, value, now}
            end
            local kind = kind(image)
            if kind == 4 then
                local left = redis.call('PTTL', key)
                if left > 0 then return {4, left, now} end
            end
            if kind and string.sub(image, 5, 12) ~= string.rep('\\0', 8) then
                local left = struct.unpack('>I8', image, 13) - now
                if left > 0 and left <= longest then return {2, left, now} end
            end
            if kind == 1 or kind == 2 then
                redis.call('SETRANGE', key, 4, token .. number(now + lease))
                lasts(lease)
            else
                local bare = '\\202\\001\\0\\0' .. token .. number(now + lease) .. string.rep('\\0', 20)
                redis.call('SET', key, bare, 'PX', lease)
            end
            return {0, false, now}
            """)

    /// Arguments: token, entry, fresh and kept in milliseconds. Answers whether it was stored.
    static let fill = RedisScript(
        Self.prelude + """

            if not holds(image(), ARGV[1]) then return {0, now} end
            redis.call('SET', key, ARGV[2], 'PX', ARGV[4])
            redis.call('SETRANGE', key, 20, number(now + tonumber(ARGV[3])))
            return {1, now}
            """)

    /// Arguments: token, lease in milliseconds. Answers whether the token holds the lease.
    static let renew = RedisScript(
        Self.prelude + """

            local lease = tonumber(ARGV[2])
            if not holds(image(), ARGV[1]) then return {0, now} end
            redis.call('SETRANGE', key, 12, number(now + lease))
            lasts(lease)
            return {1, now}
            """)

    /// Arguments: token, milliseconds for which nobody who can do with the value should try again.
    static let release = RedisScript(
        Self.prelude + """

            local image = image()
            if not holds(image, ARGV[1]) then return {0, now} end
            if kind(image) == 0 then
                redis.call('UNLINK', key)
            else
                local pause = tonumber(ARGV[2])
                redis.call('SETRANGE', key, 4, string.rep('\\0', 8) .. number(pause > 0 and now + pause or 0))
            end
            return {1, now}
            """)

    /// Argument: token. Removes what stands there along with the lease.
    static let drop = RedisScript(
        Self.prelude + """

            if not holds(image(), ARGV[1]) then return {0, now} end
            redis.call('UNLINK', key)
            return {1, now}
            """)

    /// Arguments: stamp, fresh and kept in milliseconds, the last millisecond of its life.
    static let slide = RedisScript(
        Self.prelude + """

            local image = image()
            local kind = kind(image)
            if (kind ~= 1 and kind ~= 2) or string.sub(image, 29, 36) ~= ARGV[1] then return {0, now} end
            local fresh = struct.unpack('>I8', image, 21)
            local later = math.min(now + tonumber(ARGV[2]), tonumber(ARGV[4]))
            if fresh <= now or fresh >= later then return {0, now} end
            redis.call('SETRANGE', key, 20, number(later))
            lasts(later - now + tonumber(ARGV[3]) - tonumber(ARGV[2]))
            return {1, now}
            """)

    /// Keeps a value for the worst case, without lease and freshness; removes anything else but a tombstone.
    static let expire = RedisScript(
        Self.prelude + """

            local kind = kind(image())
            if kind == 1 or kind == 2 then
                redis.call('SETRANGE', key, 4, string.rep('\\0', 24))
            elseif kind ~= 4 then
                redis.call('UNLINK', key)
            end
            return {1, now}
            """, allowsOutOfMemory: true)

    /// Arguments: the tombstone, its life in milliseconds. One that lasts longer is left its life.
    static let holdOff = RedisScript(
        Self.prelude + """

            local life = tonumber(ARGV[2])
            if kind(image()) == 4 then life = math.max(life, redis.call('PTTL', key)) end
            redis.call('SET', key, ARGV[1], 'PX', life)
            return {1, now}
            """, allowsOutOfMemory: true)

    /// Arguments: entry, fresh and kept in milliseconds, version in 8 bytes. Answers whether it was stored.
    static let write = RedisScript(
        Self.prelude + """

            local function version(entry)
                local at, last = 41, math.min(40 + struct.unpack('>I4', entry, 37), #entry)
                -- As many items as an entry may have tags, and some more.
                for _ = 1, 1100 do
                    if at + 4 > last then return nil end
                    local item, length = struct.unpack('>I1I4', entry, at)
                    if item == 8 and length == 8 and at + 12 <= last then return string.sub(entry, at + 5, at + 12) end
                    at = at + 5 + length
                end
                return nil
            end
            local function isLower(one, other)
                for i = 1, 8 do
                    local a, b = string.byte(one, i), string.byte(other, i)
                    if a ~= b then return a < b end
                end
                return false
            end
            local image = image()
            local kind = kind(image)
            if kind == 4 then return {0, now} end
            -- One that was expired is no version of anything: a later one may have ended it.
            if kind == 1 and string.sub(image, 21, 28) ~= string.rep('\\0', 8) then
                local entry = redis.call('GET', key)
                local old = #entry >= 40 and version(entry)
                if old and #old == 8 and isLower(old, ARGV[4]) then
                    redis.call('SET', key, ARGV[1], 'PX', ARGV[3])
                    redis.call('SETRANGE', key, 20, number(now + tonumber(ARGV[2])))
                    return {1, now}
                end
            end
            redis.call('UNLINK', key)
            return {0, now}
            """, allowsOutOfMemory: true)
}
