#!/bin/sh
# Fuzzes the wire walker against libprotobuf-c. Called by `make fuzz`.
#
#     Fuzz/run.sh [seconds]
#
# Exits with 0 if nothing was found. An input that crashes or on which the readers disagree is left in Fuzz/crashes.
set -eu
cd "$(dirname "$0")"

seconds=${1:-60}
scratch=.build-fuzz
found=$scratch/found/wire
mkdir -p crashes "$found"

swift build -c release --sanitize=fuzzer --sanitize=address --scratch-path "$scratch" --product FuzzWire
binary=$scratch/release/FuzzWire

# Swift's own backtracer hangs on a crash under libFuzzer, which prints one itself.
# New inputs that reach new code go to the first folder, the seeds stay as they are.
SWIFT_BACKTRACE=enable=no exec "$binary" \
    -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=crashes/ "$found" corpus/wire
