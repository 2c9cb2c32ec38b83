#!/bin/bash
# Runs the test projects:   build/test.sh [PROJECT...]   such as Redis.Tests; none means all but those that have a command of their own
# (make conformance, make scenarios) and what takes longer (EndToEnd.Rest: make end-to-end). The last line says "N passed, N failed"; a project that fails as a whole counts as one failed.
set -uo pipefail
cd "$(dirname "$0")/.."

configuration=${CONFIGURATION:-Release}
workers=2
apart="Conformance Scenarios"     # have a command of their own
alone="Simulation EndToEnd EndToEnd.Rest"       # take both processors: share the machine with nobody
# Which tests of a project. What is left out here and has no Rest is run by make availability.
part() {
    local without=- name
    case $1 in
        Reconcilers.Tests) echo "-namespace- Slotwise.Reconcilers.Tests.Scripts -class- *.RollingCrashTests" ;;
        EndToEnd | EndToEnd.Rest)
            [ "$1" = EndToEnd ] || without=
            for name in Healing Scaling Trouble Walks; do echo "-namespace$without Slotwise.EndToEnd.$name"; done
            [ "$1" = EndToEnd.Rest ] || echo "-namespace- Slotwise.EndToEnd.Availability -namespace- Slotwise.EndToEnd.Large"
            # one after the other: clusters of real servers share two processors
            echo "-parallel none"
            ;;
    esac
}
is_in() { [[ " $2 " == *" $1 "* ]]; }
bound() {    # seconds a project
    case $1 in
        Redis.Tests | LocalKubernetes.Tests) echo 600 ;;
        EndToEnd.Rest) echo 1800 ;;    # its walks take minutes
        *) echo 1200 ;;
    esac
}
export TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0
failed=0
broken=()

# The last lines say what failed and why, for whoever sees no more than them.
finish() {
    for line in "${broken[@]}"; do echo "FAILED $line"; done
    cat "$results"/*.failed 2>/dev/null
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

# check NAME COMMAND...: a check that is quiet when all is well.
check() {
    local name=$1 start=$SECONDS
    shift
    if "$@" > "$results/$name.log" 2>&1; then
        echo "$name: ok, $((SECONDS - start)) s"
        return 0
    fi
    tail -n 100 "$results/$name.log"
    broken+=("$name: what it said stands above")
    failed=$((failed + 1))
    return 1
}

# run PROJECT: one test executable, bounded; counts end up in files, since this runs in a subshell.
run() {
    local name=$1 start=$SECONDS code=0 bound ok bad skipped why=
    bound=$(bound "$name")
    local log=$results/$name.log counts=$results/$name.xml
    local project=${name%.Rest}
    # A heap that is collected seldom saves the simulation, which does nothing but compute, an eighth of its time. Only the environment can ask for it.
    [ "$name" != Simulation ] || export DOTNET_GCgen0size=0x40000000
    timeout --kill-after=10 "$bound" "tests/$project/bin/$configuration/net10.0/Slotwise.$project" \
        -noLogo -noColor -noAutoReporters -longRunning 60 -xml "$counts" $(part "$name") > "$log" 2>&1 < /dev/null || code=$?
    attribute() { grep -o -m1 "<assembly [^>]*" "$counts" 2>/dev/null | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9; }
    ok=$(attribute passed)
    bad=$(($(attribute failed)+0 + $(attribute errors)+0))
    skipped=$(attribute skipped)
    if [ $code -eq 124 ] || [ $code -eq 137 ]; then
        why="did not end within $bound s"
    elif [ -z "$ok" ]; then
        why="crashed with exit code $code"
    elif [ $((ok + bad)) -eq 0 ]; then
        why="ran no test"
    elif [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then
        why="exit code $code though no test failed"
    fi
    [ -n "$why" ] && bad=$((bad + 1))
    if [ "$bad" -gt 0 ]; then
        # what failed first: the logs that go with it may be longer than what is shown
        echo "----- $name"
        grep -A 15 -F '[FAIL]' "$log"
        grep -A 4 -F '[FAIL]' "$log" | cut -c 1-600 | sed 's/^/FAILED /' > "$results/$name.failed"
        tail -n 300 "$log"
        echo "-----"
    fi
    echo "$name: ${ok:-0} passed, $bad failed${skipped:+$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")}, $((SECONDS - start)) s"
    echo "${ok:-0} $bad ${why:-$bad failed}" > "$results/$name.counts"
}

projects=("$@")
if [ ${#projects[@]} -eq 0 ]; then
    for project in tests/*/*.csproj; do
        name=$(basename "$project" .csproj)
        is_in "$name" "$apart" || projects+=("$name")
    done
    build/setup.sh || { broken+=("set-up"); failed=1; finish; }
fi
check restore dotnet restore Operator.sln --nologo -v quiet || finish
check build dotnet build Operator.sln --no-restore --nologo -v quiet -c "$configuration" || finish
check images build/images.sh

for name in "${projects[@]}"; do
    is_in "$name" "$alone" && continue
    while [ "$(jobs -rp | wc -l)" -ge $workers ]; do wait -n || true; done
    { run "$name" > "$results/$name.out" 2>&1; cat "$results/$name.out"; } &
done
wait
for name in "${projects[@]}"; do
    is_in "$name" "$alone" && run "$name"
done

for name in "${projects[@]}"; do
    read -r ok bad why < "$results/$name.counts" || { ok=0; bad=1; why="was not run"; }
    passed=$((passed + ok))
    failed=$((failed + bad))
    [ "$bad" -gt 0 ] && broken+=("$name: $why")
done
finish
