# What scripts/bench hits does; sourced by it.

[ $# = 0 ] || { usage >&2; exit 2; }
require_swift
require_redis
swift_package build Benchmarks -c release --product HitBenchmark >&2
benchmark=$(swift_package build Benchmarks -c release --show-bin-path)/HitBenchmark
work=$(mktemp -d)
trap 'kill "${redis:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

echo "# A hit of the embedded store, nanoseconds, medians"
"$benchmark" embedded

echo
echo "# Instructions and allocations of one hit"
if command -v valgrind >/dev/null && command -v objcopy >/dev/null; then
    # valgrind cannot read this much debug information.
    objcopy --strip-debug "$benchmark" "$work/stripped"
    instructions() {
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/stripped" count "$1" 2>&1 | sed -n 's/.*Collected : //p'
    }
    allocations() { valgrind "$work/stripped" count "$1" 2>&1 | sed -n 's/.*usage: \([0-9,]*\) allocs.*/\1/p' | tr -d ,; }
    echo "$((($(instructions 5000) - $(instructions 1000)) / 4000)) instructions," \
        "$((($(allocations 5000) - $(allocations 1000)) / 4000)) allocations, of which the key takes 2"
else
    echo "NOT RUN: instructions and allocations, which need valgrind and objcopy"
fi

start_redis "$work"
echo
echo "# A hit of the near-cache, nanoseconds, medians"
"$benchmark" near "$redis_port"
if [ -x "$work/stripped" ]; then
    instructions() {
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/stripped" count-near "$redis_port" "$1" 2>&1 |
            sed -n 's/.*Collected : //p'
    }
    allocations() {
        valgrind "$work/stripped" count-near "$redis_port" "$1" 2>&1 |
            sed -n 's/.*usage: \([0-9,]*\) allocs.*/\1/p' | tr -d ,
    }
    # So many that what else happens meanwhile does not count, and rounded.
    echo "about $((($(instructions 20000) - $(instructions 1000)) / 19000)) instructions," \
        "$((($(allocations 61000) - $(allocations 1000) + 30000) / 60000)) allocations, the key's with them"
fi

echo
echo "# A typed hit on Redis, by a hundred callers: microseconds of processor time"
"$benchmark" redis "$redis_port"
