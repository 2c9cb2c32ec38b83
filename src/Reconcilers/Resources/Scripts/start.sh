#!/bin/sh
# Starts the server of this pod. Runs at every start of the container, also when the kubelet restarts it in place,
# where the operator is not in the way: whatever must be decided before the server speaks is decided here.
set -eu
umask 077

config=/etc/slotwise/config
credentials=/etc/slotwise/credentials

# The server reports the path of its configuration file (INFO server, config_file). By it the operator recognizes, on the
# very connection it uses, that this server belongs to this pod of this cluster and not to another one at a re-used address.
run="/run/slotwise/$CLUSTER_UID/$POD_UID"
mkdir -p "$run"

{
    echo "include $config/redis.conf"
    # Corrects at once what nodes.conf remembers of an earlier address.
    echo "cluster-announce-ip $POD_IP"
    echo "cluster-announce-hostname $STABLE_HOST"
    printf 'masterauth '
    cat "$credentials/replication-password"
    echo
} > "$run/redis.conf"

server=$(command -v valkey-server || command -v redis-server) || {
    echo "the image has neither redis-server nor valkey-server on its PATH" >&2
    exit 127
}

# Law 5's gate belongs here, between knowing the configuration and starting the server: a master that lost its memory must not
# come back empty under its old id while a replica still has its keys (docs/architecture.md).
exec "$server" "$run/redis.conf"
