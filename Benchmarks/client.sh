# What scripts/bench client does; sourced by it.

rounds=5 seconds=1.5
while [ $# -gt 0 ]; do
    case "$1:${2:-}" in
        --rounds:[1-9]*) rounds=$2 ;;
        --seconds:[1-9]*) seconds=$2 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift 2
done

require_swift
require_redis
swift_package build Benchmarks -c release --product RedisBenchmark >&2
benchmark=$(swift_package build Benchmarks -c release --show-bin-path)/RedisBenchmark
work=$(mktemp -d)
trap 'kill "${redis:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_redis "$work"

# redis-py in an environment of its own, once.
python=$scratch/bench-python/bin/python
if ! "$python" -c 'import redis, hiredis' 2>/dev/null; then
    { python3 -m venv "$scratch/bench-python" && "$scratch/bench-python/bin/pip" install -q 'redis[hiredis]==8.1.0'; } \
        >&2 || python=
fi
[ -n "$python" ] || echo "NOT RUN: redis-py, which pip could not install"
reference=redis-benchmark
command -v "$reference" >/dev/null || { reference=; echo "NOT RUN: redis-benchmark, which comes with Redis"; }

# Prints commands for each second, and microseconds of processor time for each command.
reference() {
    local count=$1
    shift
    local TIMEFORMAT='%U %S %R'
    { time "$reference" -p "$redis_port" -n "$count" "$@" >/dev/null 2>&1; } 2>&1 |
        awk -v n="$count" '{ printf "%.0f %.3f\n", n / $3, ($1 + $2) * 1e6 / n }'
}

# A scenario, redis-benchmark's commands and settings for it, whether redis-py has it, and what is to be reached: times
# the reference's rate, times its processor time for each command, times redis-py's.
compare() {
    local scenario=$1 count=$2 flags=$3 goals=$4 round
    : >"$work/rounds"
    for round in $(seq "$rounds"); do
        local ours theirs=- python_result=-
        ours=$("$benchmark" "$scenario" "$redis_port" "$seconds")
        # shellcheck disable=SC2086 # settings in words
        [ -z "$reference" ] || theirs=$(reference "$count" $flags)
        [ -z "$python" ] || python_result=$("$python" "$root/Benchmarks/Peers/redis_py.py" "$scenario" "$redis_port" "$seconds")
        echo "$ours $theirs $python_result" >>"$work/rounds"
    done
    awk -v name="$scenario" -v goals="$goals" '
        function median(values, n,   i, j, t) {
            for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++)
                if (values[j] < values[i]) { t = values[i]; values[i] = values[j]; values[j] = t }
            return values[int((n + 1) / 2)]
        }
        { rate[NR] = $1; cpu[NR] = $2; times[NR] = $1 / $3; share[NR] = $2 / $4; python[NR] = $6 / $2 }
        END {
            printf "%-17s %9.0f %8.2f %12.2f %12.2f %12.1f   %s\n", name, median(rate, NR), median(cpu, NR),
                median(times, NR), median(share, NR), median(python, NR), goals
        }' "$work/rounds"
}

"$benchmark" sequential "$redis_port" 0.1 >/dev/null
echo "# Medians of $rounds rounds; processor time of the client alone, in µs for each command"
echo "scenario          commands/s       µs  × rb's rate  × rb's time  redis-py's ×   goals"
compare concurrent50 100000 "-c 50 -P 1 GET small" "rate 5, time 0.25, redis-py 20"
compare concurrent200 100000 "-c 50 -P 1 GET small" "rate 5, time 0.25, redis-py 20"
compare large 60000 "-c 50 -P 1 GET large" "rate 1.5"
compare pipeline 1000000 "-c 1 -P 100 GET small" "time 2.5"
compare largePipeline 200000 "-c 1 -P 100 GET large" "time 3"
compare sequential 30000 "-c 1 -P 1 GET small" "redis-py 1"
echo
echo "# One caller on the event loop of its connection: commands/s, µs"
for _ in 1 2 3; do "$benchmark" sequentialOnLoop "$redis_port" "$seconds"; done | sort -n | sed -n 2p
echo
echo "# SMEMBERS: ms of processor time for 10,000 members, for 100,000, and the ratio (at most 13)"
for _ in 1 2 3; do "$benchmark" members "$redis_port" 1; done | sort -n -k3 | sed -n 2p
echo
echo "# 99th percentile of small reads in µs: alone, while the same client reads 10 MB after 10 MB, while another does"
for _ in 1 2 3; do "$benchmark" latency "$redis_port" "$seconds"; done | sort -n -k2 | sed -n 2p
echo
if command -v valgrind >/dev/null && command -v objcopy >/dev/null; then
    # valgrind cannot read this much debug information.
    objcopy --strip-debug "$benchmark" "$work/stripped"
    for scenario in instructions instructionsInPipeline; do
        for count in 1000 5000; do
            valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/stripped" "$scenario" "$redis_port" "$count" 2>&1 |
                sed -n 's/.*Collected : //p'
        done | awk -v name="$scenario" 'NR == 1 { few = $1 } NR == 2 { printf "# %s for each GET: %d\n", name, ($1 - few) / 4000 }'
    done
else
    echo "NOT RUN: instructions for each GET, which need valgrind and objcopy"
fi
