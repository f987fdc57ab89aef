// SPDX-License-Identifier: Apache-2.0

import RedisDriver

/// Rate limits as scripts: each does with one key what `RateState` does in a process, in microseconds.
///
/// Both answer: whether it is allowed, how many more would be, when it would be allowed (-1 for never), and when nothing is used up any
/// more.
enum RateLimitScripts {
    /// `now`; `state()`, the text under the key, nil for none and for what is no text; `store(text, life)`.
    private static let prelude = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local function state()
            local text = redis.pcall('GET', KEYS[1])
            if type(text) ~= 'string' then return '' end
            return text
        end
        local function store(text, life)
            redis.call('SET', KEYS[1], text, 'PX', string.format('%.0f', math.max(math.ceil(life / 1000), 1)))
        end
        local function up(value) return math.ceil(value) end
        """

    /// Arguments: the time of one, that of a burst, how many.
    static let cellRate = RedisScript(
        Self.prelude + """

            local emission, tolerance, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            local last = tonumber(string.match(state(), '^%d+$')) or now
            local arrival = math.min(math.max(last, now), now + tolerance)
            local after = arrival + emission * cost
            local allowed = after - tolerance <= now
            local retry = 0
            if allowed then
                arrival = after
            elseif emission * cost > tolerance then
                retry = -1
            else
                retry = up(after - tolerance - now)
            end
            if allowed and cost > 0 or last > now + tolerance then
                store(string.format('%.0f', arrival), arrival - now)
            end
            local left = math.max((tolerance - (arrival - now)) / emission, 0)
            return {allowed and 1 or 0, math.floor(left), retry, up(arrival - now)}
            """)

    /// Arguments: the period, how many there may be, how many.
    static let slidingWindow = RedisScript(
        Self.prelude + """

            local period, most, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            local index = math.floor(now / period)
            local elapsed = now - index * period
            local current, previous = 0, 0
            local last, count, before = string.match(state(), '^(%d+) (%d+) (%d+)$')
            local held = false
            if last then
                last, count, before = tonumber(last), tonumber(count), tonumber(before)
                held = last > index
                if last >= index then
                    current, previous = count, before
                elseif last == index - 1 then
                    previous = count
                end
            end
            local used = previous * (1 - elapsed / period) + current
            local allowed = used + cost <= most
            local retry = 0
            if allowed then
                current = current + cost
                used = used + cost
            elseif cost > most then
                retry = -1
            elseif current + cost <= most then
                retry = up(period * (1 - (most - cost - current) / previous) - elapsed)
            else
                retry = up(period * (2 - (most - cost) / current) - elapsed)
            end
            if allowed and cost > 0 or held then
                store(string.format('%.0f %.0f %.0f', index, current, previous), (index + 2) * period - now)
            end
            local reset = 0
            if current > 0 then reset = 2 * period - elapsed elseif previous > 0 then reset = period - elapsed end
            return {allowed and 1 or 0, math.floor(math.max(most - used, 0)), retry, up(reset)}
            """)
}
