#!/bin/bash
# Runs the conformance suite: against the cluster of KUBECONFIG if that is set, else against a LocalKubernetes of its own.
# Writes a line for each case; the last one says "N passed, N failed". Arguments go to the test program, such as -class NAME.
set -uo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}
program=tests/Conformance/bin/$configuration/net10.0/Slotwise.Conformance
if [ -n "${KUBECONFIG:-}" ]; then
    echo "Against the cluster of $KUBECONFIG:"
    kubectl version 2>/dev/null | grep -i server
    export SLOTWISE_CONFORMANCE_KUBECONFIG=$KUBECONFIG
else
    echo "Against LocalKubernetes (another cluster: KUBECONFIG=... make conformance)"
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
timeout --kill-after=30 1800 "$program" -noLogo -noColor -noAutoReporters -xml "$results/results.xml" "$@" > "$results/log" 2>&1 < /dev/null
code=$?
if [ ! -s "$results/results.xml" ]; then
    tail -n 100 "$results/log"
    echo "The suite itself failed, with exit code $code; what it said stands above."
    echo "0 passed, 1 failed"
    exit 1
fi

# One line a case: result, topic and subject, and the case in words.
grep -o '<test [^>]*' "$results/results.xml" | sed -E 's/.* name="Slotwise\.Conformance\.([^"]*)".* result="([A-Za-z]*)".*/\2 \1/; s/\.([A-Za-z0-9]+)\.([^.]*)$/ \1: \2/; s/_/ /g' | sort
grep -A 15 -F -e '[FAIL]' -e '[SKIP]' "$results/log"
attribute() { grep -o -m1 "<assembly [^>]*" "$results/results.xml" | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9; }
passed=$(attribute passed)
failed=$(($(attribute failed) + $(attribute errors)))
[ $code -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$(attribute skipped) skipped; each says why above"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
