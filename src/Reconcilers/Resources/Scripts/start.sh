#!/bin/sh
# Starts the server of this pod. Runs at every start of the container, also when the kubelet restarts it in place,
# where the operator is not in the way: whatever must be decided before the server speaks is decided here, in gate.sh.
set -eu
umask 077

# As the first process of its container a shell is not ended by a signal that it does not handle: a pod that is deleted while it starts
# would be there for the whole of its grace.
trap 'exit 143' TERM INT

config=/etc/slotwise/config
credentials=/etc/slotwise/credentials
data=/data

server=$(command -v valkey-server || command -v redis-server) || {
    echo "the image has neither redis-server nor valkey-server on its PATH" >&2
    exit 127
}

# The server reports the path of its configuration file (INFO server, config_file). By it the operator recognizes, on the
# very connection it uses, that this server belongs to this pod of this cluster and not to another one at a re-used address.
# The file's name says how this process came to be started: redis.conf, or redis-DECISION.conf when the gate decided something.
run="/run/slotwise/$CLUSTER_UID/$POD_UID"
mkdir -p "$run"

# How long the last process had been the master.
rm -f "$run/master-since"

# Kubernetes lets two pods of one host have a volume that one host at a time may have. When a pod was deleted by force while its host was
# cut off, the kubelet starts the next one of its name as soon as it hears of it, and ends the old one beside it. Two servers with one
# node id, one append-only file and one nodes.conf would take turns in everybody's tables; the lock that Redis has on nodes.conf is lost
# when it saves that file by renaming another (since 7.2). So whoever comes waits until the other one has ended, which it is being told
# to. The lock is on the directory, as nothing can be made on a full volume, and is the server's until its process ends.
lock_volume() {
    command -v flock > /dev/null || return 0
    exec 9< "$data"
    told=
    # Where it is refused for another reason than that somebody has it, flock says so: then there is no such lock on this volume.
    until problem=$(flock -n 9 2>&1) || [ -n "$problem" ]; do
        [ -n "$told" ] || echo "start: the server of another pod still runs on this volume: waiting until it has ended"
        told=yes
        sleep 1
    done
}
lock_volume

. "$config/query.sh"
. "$config/volume.sh"
. "$config/reserve.sh"
. "$config/gate.sh"

# Before anything is written: on a full volume a server would not even start. Making it is left to the probe, as clients wait for a start.
look_at_volume && release_reserve || true
pass_gate

file="$run/redis${decision:+-$decision}.conf"
{
    echo "include $config/redis.conf"
    # What no server takes while it runs belongs to the pod: another value of it must not reach a server whose turn has not come.
    printf '%s\n' "${FIXED_CONFIG:-}"
    # Corrects at once what nodes.conf remembers of an earlier address.
    echo "cluster-announce-ip $POD_IP"
    echo "cluster-announce-hostname $STABLE_HOST"
    printf 'masterauth '
    cat "$credentials/replication-password"
    echo
} > "$file"

exec "$server" "$file"
