#!/bin/sh
# Answers the kubelet's probes by asking the local server only: a probe that asked for the state of the cluster would empty
# the Service and freeze every disruption budget the moment a majority of masters is lost.
# usage: probe.sh startup|readiness|liveness
set -eu

. /etc/slotwise/config/query.sh
. /etc/slotwise/config/volume.sh

run="/run/slotwise/$CLUSTER_UID/$POD_UID"

field() {
    printf '%s\n' "$info" | sed -n "s/^$1://p"
}

fail() {
    echo "$1"
    exit 1
}

# Any answer is alive, also LOADING, BUSY, NOAUTH or MASTERDOWN: a server that loads or runs a slow script must not be killed for it.
answers() {
    answer=$(echo PING | query "$POD_IP" 6379 4)
    case "$answer" in
        '' | *'Could not connect'* | Error:*) return 1 ;;
    esac
}

# A server that saves in the foreground answers nobody, and must not lose what it saves.
is_saving() {
    saving=no
    for file in /data/temp-*.rdb; do
        [ ! "$file" -nt "$run/last-liveness" ] || saving=yes
    done
    [ "$saving" = yes ]
}

case "$1" in
    startup)
        answers || fail "no answer: $answer"
        ;;
    liveness)
        answers || is_saving || { touch "$run/last-liveness" && fail "no answer: $answer"; }
        touch "$run/last-liveness"
        report_volume || true
        ;;
    readiness)
        info=$(echo INFO persistence replication | query "$POD_IP" 6379 4 | tr -d '\r')
        [ "$(field loading)" = 0 ] || fail "not ready: loading its data, or: $info"
        case "$(field role)" in
            master)
                # The hook that hands over before this pod is stopped wants to know since when, and until when (prestop.sh).
                [ -f "$run/master-since" ] || uptime_seconds > "$run/master-since"
                ;;
            slave)
                [ ! -f "$run/master-since" ] || { touch /data/stood-down && rm "$run/master-since"; }
                [ "$(field master_link_status)" = up ] || fail "the link to the master is $(field master_link_status)"
                # A master greets its replicas every 10 s.
                [ "$(field master_last_io_seconds_ago)" -le 30 ] || fail "the master has been silent for $(field master_last_io_seconds_ago) s"
                ;;
            *) fail "the server did not say its role" ;;
        esac
        ;;
    *)
        echo "usage: probe.sh startup|readiness|liveness" >&2
        exit 2
        ;;
esac
