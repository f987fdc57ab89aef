# What scripts/bench invalidation and scripts/bench sessions do, by the program that is named; sourced by it.

program=$1
shift
entries=1000000
while [ $# -gt 0 ]; do
    case "$1:${2:-}" in
        --entries:[1-9]*) entries=$2 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift 2
done

require_swift
require_redis
swift_package build Benchmarks -c release --product "$program" >&2
work=$(mktemp -d)
trap 'kill "${redis:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_redis "$work"
"$(swift_package build Benchmarks -c release --show-bin-path)/$program" "$redis_port" "$entries"
