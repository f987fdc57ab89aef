// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// The rules of sessions as scripts: each does with one hash what `SessionShelf` does in a process.
///
/// The sessions of an owner are one hash, with two fields for each: `h:` and its digest for what the server knows, five numbers
/// in digits, and `p:` and its digest for the payload. So there is no index that could be wrong: a session that is not in the hash is
/// none, and all of them end with it.
///
/// All scripts answer with a number for what came of it, and the server's time in milliseconds after that.
enum SessionScripts {
    /// `now`; `head(digest)`, held against a clock that was set back, nil for what is no session;
    /// `text(head)`; `deadline(head)`; `write(digest, head)`; `remove(digest)`; `heads()`, all that have not expired; `live(digest)`, the
    /// head of one that has not, or nil and what came of it; `payload(digest)`; `lasts(head)`, which keeps the key as long as the session
    /// may last.
    ///
    /// Arguments of those that need them: idle timeout, absolute timeout and touch interval in milliseconds, and the digest.
    private static let prelude = """
        local key, idle, absolute, touch = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local digest = ARGV[4]
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function head(digest)
            local bytes = redis.call('HGET', key, 'h:' .. digest)
            if not bytes then return nil end
            local numbers = {string.match(bytes, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')}
            if #numbers ~= 5 then return nil end
            local limits = {2 ^ 53, now, now, now, now + absolute}
            local held = false
            for i = 1, 5 do
                numbers[i] = tonumber(numbers[i])
                if numbers[i] >= 2 ^ 53 then return nil end
                if numbers[i] > limits[i] then
                    numbers[i] = limits[i]
                    held = true
                end
            end
            return {
                version = numbers[1], created = numbers[2], used = numbers[3], authenticated = numbers[4],
                ends = numbers[5], held = held
            }
        end
        local function text(head)
            return string.format(
                '%.0f %.0f %.0f %.0f %.0f', head.version, head.created, head.used, head.authenticated, head.ends)
        end
        local function deadline(head) return math.min(head.ends, head.used + idle) end
        local function write(digest, head) redis.call('HSET', key, 'h:' .. digest, text(head)) end
        local function remove(digest) redis.call('HDEL', key, 'h:' .. digest, 'p:' .. digest) end
        local function lasts(head)
            local left = deadline(head) - now
            if redis.call('PTTL', key) < left then redis.call('PEXPIRE', key, string.format('%.0f', left)) end
        end
        local function heads()
            local found = {}
            for _, field in ipairs(redis.call('HKEYS', key)) do
                if string.sub(field, 1, 2) == 'h:' then
                    local digest = string.sub(field, 3)
                    local head = head(digest)
                    if head and now < deadline(head) then
                        if head.held then write(digest, head) end
                        found[#found + 1] = {digest, head}
                    else
                        remove(digest)
                    end
                end
            end
            return found
        end
        local function live(digest)
            local head = head(digest)
            if not head then return nil, 0 end
            if now >= deadline(head) then
                remove(digest)
                return nil, 2
            end
            return head, 1
        end
        local function payload(digest) return redis.call('HGET', key, 'p:' .. digest) end
        """

    /// How every change of a session begins, with a payload and the version it is over: `head` is that of the next version. What has ended
    /// is answered with 0, and another version with 3, the head and the payload.
    private static let change =
        Self.prelude + """

            local head = live(digest)
            if not head then return {0, now} end
            if head.version ~= tonumber(ARGV[6]) then return {3, now, text(head), payload(digest)} end
            head.version = head.version + 1
            head.used = now
            """

    /// Further arguments: payload, whether its user proved who they are (1 or 0), how many there may be, whether one more is refused.
    /// Answers: 1, the head, and the digests of those that ended; 4 when it was refused.
    static let create = RedisScript(
        Self.prelude + """

            local ended = {}
            local found = heads()
            local excess = #found - math.max(tonumber(ARGV[7]), 1) + 1
            if excess > 0 then
                if ARGV[8] == '1' then return {4, now} end
                table.sort(found, function(one, other) return one[2].created < other[2].created end)
                for i = 1, excess do
                    remove(found[i][1])
                    ended[i] = found[i][1]
                end
            end
            local head = {
                version = 1, created = now, used = now, authenticated = ARGV[6] == '1' and now or 0, ends = now + absolute
            }
            redis.call('HSET', key, 'h:' .. digest, text(head), 'p:' .. digest, ARGV[5])
            lasts(head)
            return {1, now, text(head), ended}
            """)

    /// Answers: 1, the head and the payload; 0 for nothing; 2 for a session that had come to its end.
    static let read = RedisScript(
        Self.prelude + """

            local head, state = live(digest)
            if not head then return {state, now} end
            if now - head.used >= touch then
                head.used = now
                write(digest, head)
                lasts(head)
            elseif head.held then
                write(digest, head)
            end
            return {1, now, text(head), payload(digest)}
            """, allowsOutOfMemory: true)

    /// Further arguments: payload, version. Answers: 1 and the head; 0 when there is no such session; 3, the head and the payload when
    /// it is of another version.
    static let save = RedisScript(
        Self.change + """

            redis.call('HSET', key, 'h:' .. digest, text(head), 'p:' .. digest, ARGV[5])
            lasts(head)
            return {1, now, text(head)}
            """)

    /// Further arguments: payload, version, other digest, whether its user proved who they are. Answers as `save` does.
    static let rotate = RedisScript(
        Self.change + """

            if ARGV[8] == '1' then
                head.created = now
                head.authenticated = now
                head.ends = now + absolute
            end
            remove(digest)
            redis.call('HSET', key, 'h:' .. ARGV[7], text(head), 'p:' .. ARGV[7], ARGV[5])
            lasts(head)
            return {1, now, text(head)}
            """)

    /// Further argument: version, or nothing for any. Answers as `save` does.
    static let remove = RedisScript(
        Self.prelude + """

            local head = head(digest)
            if not head then return {0, now} end
            if ARGV[5] ~= '' and head.version ~= tonumber(ARGV[5]) then
                return {3, now, text(head), payload(digest)}
            end
            remove(digest)
            return {1, now, text(head)}
            """, allowsOutOfMemory: true)

    /// Argument: the digest of one that goes on, or nothing. Answers with the digests of those that ended.
    static let removeAll = RedisScript(
        """
        local ended = {}
        for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
            local digest = string.sub(field, 3)
            if string.sub(field, 1, 2) == 'h:' and digest ~= ARGV[1] then
                ended[#ended + 1] = digest
                if ARGV[1] ~= '' then redis.call('HDEL', KEYS[1], field, 'p:' .. digest) end
            end
        end
        if ARGV[1] == '' then redis.call('UNLINK', KEYS[1]) end
        return ended
        """, allowsOutOfMemory: true)

    /// Answers with the digest, the head and the payload of each.
    static let list = RedisScript(
        Self.prelude + """

            local sessions = {}
            for i, found in ipairs(heads()) do
                sessions[i] = {found[1], text(found[2]), payload(found[1])}
            end
            return {1, now, sessions}
            """)
}
