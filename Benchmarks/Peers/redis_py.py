# SPDX-License-Identifier: Apache-2.0
# redis-py with asyncio and hiredis: commands for each second, and microseconds of processor time for each.
# Usage: redis_py.py concurrent50|concurrent200|large|pipeline|largePipeline|sequential PORT SECONDS
import asyncio
import resource
import sys
import time

import redis.asyncio as redis

CALLERS = {"concurrent50": 50, "concurrent200": 200, "large": 100, "sequential": 1}


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main(scenario, port, seconds):
    key, length = ("large", 10_000) if scenario.startswith("large") else ("small", 100)
    pool = redis.BlockingConnectionPool(host="127.0.0.1", port=port, max_connections=50)
    client = redis.Redis(connection_pool=pool)

    async def one_by_one(end):
        answered = 0
        while time.monotonic() < end:
            assert len(await client.get(key)) == length
            answered += 1
        return answered

    async def together(end):
        answered = 0
        while time.monotonic() < end:
            pipeline = client.pipeline(transaction=False)
            for _ in range(100):
                pipeline.get(key)
            assert all(len(value) == length for value in await pipeline.execute())
            answered += 100
        return answered

    for duration in (0.3, seconds):
        before, start = processor_time(), time.monotonic()
        callers = [one_by_one] * CALLERS[scenario] if scenario in CALLERS else [together]
        answered = sum(await asyncio.gather(*(caller(start + duration) for caller in callers)))
        used, elapsed = processor_time() - before, time.monotonic() - start
    print(f"{answered / elapsed:.0f} {used * 1e6 / answered:.3f}")
    await client.aclose()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
