#!/bin/bash
# A Redis Cluster on this machine, from nothing:  localkube up, slotwise run, kubectl apply, and a live view.
#   PORT=N   the port of the API server; by default any free one
#   ONCE=1   no terminal needed: write and read back 10,000 keys, then stop; exit 0 only if all of it worked
set -uo pipefail
cd "$(dirname "$0")/.."

programs=${CONFIGURATION:-Release}/net10.0
localkube=$PWD/src/LocalKubernetes/bin/$programs/localkube
slotwise=$PWD/src/Operator/bin/$programs/slotwise
sample=config/samples/rediscluster.yaml
cluster=$(sed -n 's/^  name: //p' "$sample")
export DEMO_MARK="$$-$(date +%s)" # whatever this script starts carries it in its environment

fail() { echo "demo: $*" >&2; exit 1; }
step() { printf '\n==> %s\n' "$*"; }
taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ---- set-up
build/setup.sh || exit 1
if [ -n "${PORT:-}" ] && taken "$PORT"; then fail "port $PORT is taken; give another one: make demo PORT=N, or none"; fi
echo "Building"
for project in LocalKubernetes Operator; do
    built=$(dotnet build "src/$project" --nologo -v quiet -c "${CONFIGURATION:-Release}" 2>&1) || fail "building src/$project failed: $built"
done

mkdir -p .local
state=$(mktemp -d "$PWD/.local/demo-XXXX")
export KUBECONFIG=$state/kubeconfig
# Clients before 1.27 cannot read the OpenAPI version that is served, and would refuse everything.
minor=$(kubectl version --client -o json 2>/dev/null | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p' | head -n 1)
validate=()
[ "${minor:-0}" -lt 27 ] && validate=(--validate=false)

# ---- ending, whatever the reason
declare -A pids=()
end() {
    local code=$? name left
    trap '' INT TERM HUP
    [ ${#pids[@]} -gt 0 ] && step "Stopping"
    for name in view operator localkube; do # the operator first, so that it sees its API until its end
        [ -n "${pids[$name]:-}" ] || continue
        kill -TERM "${pids[$name]}" 2>/dev/null
        for _ in {1..300}; do kill -0 "${pids[$name]}" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "${pids[$name]}" 2>/dev/null && { echo "$name did not end within 30 s and was killed"; code=1; }
        wait "${pids[$name]}" 2>/dev/null
    done
    for _ in {1..50}; do left=$(left_behind); [ -z "$left" ] && break; sleep 0.1; done
    if [ -n "$left" ]; then
        echo "Left behind:"
        echo "$left"
        code=1
    elif [ ${#pids[@]} -gt 0 ]; then
        echo "Nothing is left behind: no process, network namespace, interface or mount."
    fi
    if [ $code -ne 0 ] && [ $code -ne 130 ]; then
        echo "The logs are in $state" >&2
    else
        rm -rf "$state"
    fi
    exit $code
}
left_behind() {
    local instance process
    instance=lk$(printf %s "$state" | sha256sum | cut -c1-8) # how localkube names its things: by its state directory
    ip netns list 2>/dev/null | grep "^$instance" | sed 's/^/network namespace /'
    ip -o link show 2>/dev/null | grep -o " $instance[^:@]*" | sed 's/^/interface/'
    grep -o " $state[^ ]*" /proc/self/mounts | sed 's/^/mount/'
    [ -e "/dev/shm/$instance" ] && echo "directory /dev/shm/$instance"
    for process in /proc/[0-9]*; do
        if grep -qsz "^DEMO_MARK=$DEMO_MARK\$" "$process/environ" || grep -qs "$state/" "$process/mountinfo"; then
            echo "process ${process#/proc/} $(tr '\0' ' ' 2>/dev/null < "$process/cmdline")"
        fi
    done
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

start() { # start NAME COMMAND...: in the background, its output in a log
    local name=$1
    shift
    "$@" > "$state/$name.log" 2>&1 < /dev/null &
    pids[$name]=$!
}
ended() { # ended NAME: says what its log ends with, and gives up
    echo "$1 ended; its log ends with:" >&2
    tail -n 15 "$state/$1.log" >&2
    unset "pids[$1]"
    exit 1
}
alive() { kill -0 "${pids[$1]}" 2>/dev/null || ended "$1"; }

# ---- the demo
step "localkube up: an API server, controllers and a node, on this machine"
start localkube "$localkube" up --port "${PORT:-0}" --kubeconfig "$KUBECONFIG" --state "$state/localkube"
for _ in {1..300}; do
    alive localkube
    [ -s "$KUBECONFIG" ] && kubectl get --raw /readyz > /dev/null 2>&1 && break
    sleep 0.1
done
kubectl get --raw /readyz > /dev/null || fail "the API server did not answer within 30 s; its log is $state/localkube.log"

step "kubectl apply -f config/crd: what a RedisCluster is"
kubectl apply "${validate[@]}" -f config/crd || fail "config/crd was refused"

step "slotwise run: the operator"
start operator "$slotwise" run --health-port 0

step "kubectl apply -f $sample"
cat $sample
kubectl apply "${validate[@]}" -f $sample || fail "$sample was refused"

step "slotwise status $cluster --until-ready"
"$slotwise" status $cluster --until-ready --timeout 120 < /dev/null &
pids[view]=$!
wait -n -p first "${pids[@]}"
code=$?
for name in localkube operator; do [ "${first:-}" = "${pids[$name]}" ] && ended "$name"; done
unset "pids[view]"
if [ $code -ne 0 ]; then
    for name in localkube operator; do echo "---- $name.log"; tail -n 25 "$state/$name.log"; done
    fail "the cluster did not become Ready"
fi

if [ -n "${ONCE:-}" ]; then
    step "slotwise check $cluster --keys 10000"
    "$slotwise" check $cluster --keys 10000 || fail "the check failed"
    exit 0
fi

address=$(kubectl get pod $cluster-0-0 -o 'jsonpath={.status.podIP}')
step "Try next, in another terminal"
cat <<HINTS
  export KUBECONFIG=$KUBECONFIG
  kubectl get rediscluster $cluster
  kubectl get pods -o wide
  kubectl describe rediscluster $cluster
  redis-cli -c -h $address set hello world
  redis-cli -c -h $address cluster nodes
  $slotwise status $cluster --watch

The operator's log is $state/operator.log
Running until Ctrl-C.
HINTS
trap 'exit 0' INT
wait -n -p first "${pids[@]}"
for name in localkube operator; do [ "${first:-}" = "${pids[$name]}" ] && ended "$name"; done
