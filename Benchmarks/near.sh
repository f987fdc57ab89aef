# What scripts/bench near does; sourced by it.

traces=$root/Tests/LarderTests/Traces
while [ $# -gt 0 ]; do
    case "$1:${2:-}" in
        --traces:?*) traces=$(cd "$2" && pwd) ;;
        *) usage >&2; exit 2 ;;
    esac
    shift 2
done

require_swift
swift_package build Benchmarks -c release --product NearBenchmark >&2
benchmark=$(swift_package build Benchmarks -c release --show-bin-path)/NearBenchmark
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=

echo "# Hit ratio in percent, with default settings; the others as measured or simulated on the same requests"
for trace in "$traces"/*.leb128 "$traces"/*.txt.zst; do
    [ -e "$trace" ] || continue
    case "$trace" in
        *.kv.txt.zst) continue ;;
        *.zst)
            command -v zstd >/dev/null || install_package zstd || { echo "NOT RUN: $trace needs zstd"; continue; }
            zstd -dcq "$trace" >"$work/$(basename "$trace" .zst)"
            trace=$work/$(basename "$trace" .zst)
            ;;
    esac
    "$benchmark" ratios "$root/Benchmarks/hit-ratios.tsv" "$trace" >"$work/ratios" || missed=1
    [ -n "${header:-}" ] || { header=$(head -1 "$work/ratios"); echo "$header"; }
    tail -n +2 "$work/ratios"
done

echo
echo "# A hit among 1,000 hot keys with deadlines, one thread; medians"
"$benchmark" speed || missed=1
if command -v c++ >/dev/null; then
    c++ -O2 -pthread -o "$work/lru" "$root/Benchmarks/Peers/MutexLRU.cpp" && "$work/lru"
else
    echo "NOT RUN: C++ mutex and LRU: no c++"
fi
caffeine=/usr/share/java/caffeine.jar
if [ -e "$caffeine" ] && command -v java >/dev/null; then
    java -cp "$caffeine" "$root/Benchmarks/Peers/CaffeineBenchmark.java"
else
    echo "NOT RUN: Caffeine: needs java and $caffeine (Debian: default-jdk-headless libcaffeine-java)"
fi

echo
echo "# A page of twenty products by each codec"
"$benchmark" codecs

echo
echo "# Resident bytes for each of 1,000,000 entries"
if [ -r /proc/self/statm ]; then
    for key in Int String; do
        dictionary=$("$benchmark" memory "dictionary-$key")
        cache=$("$benchmark" memory "cache-$key")
        awk -v k="$key" -v d="$dictionary" -v c="$cache" 'BEGIN {
            missed = (c / d > 1.6)
            printf "%-7s dictionary %.1f, cache %.1f, ratio %.2f (at most 1.6)%s\n", k, d, c, c / d, (missed ? " MISSED" : "")
            exit missed
        }' || missed=1
    done
else
    echo "NOT RUN: no /proc to read memory from"
fi
[ -z "$missed" ]
