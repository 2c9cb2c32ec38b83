#!/bin/sh
# Answers the kubelet's probes by asking the local server only: a probe that asked for the state of the cluster would empty
# the Service and freeze every disruption budget the moment a majority of masters is lost.
# usage: probe.sh startup|readiness|liveness
set -eu

REDISCLI_AUTH=$(cat /etc/slotwise/credentials/operator-password)
export REDISCLI_AUTH
cli=$(command -v valkey-cli || command -v redis-cli)

ask() {
    "$cli" -h 127.0.0.1 -p 6379 --user slotwise-operator --no-auth-warning "$@" 2>&1
}

field() {
    printf '%s\n' "$info" | tr -d '\r' | sed -n "s/^$1://p"
}

case "$1" in
    startup | liveness)
        # Any answer is alive, also LOADING, BUSY or NOAUTH: a server that loads or runs a slow script must not be killed for it.
        answer=$(ask PING) || true
        case "$answer" in
            '' | *'Could not connect'* | *'Connection re'* | *'Server closed'*) echo "no answer: $answer" && exit 1 ;;
        esac
        ;;
    readiness)
        info=$(ask INFO persistence replication)
        [ "$(field loading)" = 0 ] || { echo "not ready: loading its data, or: $info" && exit 1; }
        case "$(field role)" in
            master) ;;
            slave)
                [ "$(field master_link_status)" = up ] || { echo "the link to the master is $(field master_link_status)" && exit 1; }
                # A master greets its replicas every 10 s.
                [ "$(field master_last_io_seconds_ago)" -le 30 ] || { echo "the master has been silent for $(field master_last_io_seconds_ago) s" && exit 1; }
                ;;
            *) echo "the server did not say its role" && exit 1 ;;
        esac
        ;;
    *)
        echo "usage: probe.sh startup|readiness|liveness" >&2
        exit 2
        ;;
esac
