#!/bin/sh
# Starts the server of this pod. Runs at every start of the container, also when the kubelet restarts it in place,
# where the operator is not in the way: whatever must be decided before the server speaks is decided here, in gate.sh.
set -eu
umask 077

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

. "$config/query.sh"
. "$config/gate.sh"
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
