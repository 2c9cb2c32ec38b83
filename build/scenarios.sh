#!/bin/bash
# Runs the availability scenarios on LocalKubernetes, four at a time, and writes a line for each:
#   what happens | shape, where the keys are | operator | wait of writes, of the shards the middle one / the worst | lost | Ready after
# SCENARIO, SHAPE and OPERATOR leave those whose name, shape ("3x1, memory") or operator ("lives", "killed") has that text.
# The last line says "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}
export SLOTWISE_SCENARIOS=all
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# An interrupt, unlike a termination, lets the suite take down what it started.
echo "scenario | shape, keys | operator | wait of writes, middle / worst shard | lost | Ready after"
timeout --signal=INT --kill-after=60 "${BOUND:-2400}" "tests/Scenarios/bin/$configuration/net10.0/Slotwise.Scenarios" -noLogo -noColor -noAutoReporters \
    -xml "$results/results.xml" "$@" < /dev/null 2>&1 | tee "$results/log" | grep --line-buffered -E '^[^ ].* \| [0-9]x[0-9], [a-z]+ \| (lives|killed) \| '
code=${PIPESTATUS[0]}
if [ ! -s "$results/results.xml" ]; then
    tail -n 100 "$results/log"
    echo "The suite itself failed, with exit code $code; what it said stands above."
    echo "0 passed, 1 failed"
    exit 1
fi

grep -A 60 -F -e '[FAIL]' "$results/log"
attribute() { grep -o -m1 "<assembly [^>]*" "$results/results.xml" | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9; }
passed=$(attribute passed)
failed=$(($(attribute failed) + $(attribute errors)))
[ "$code" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
