#!/bin/sh
# Answers the kubelet's probes by asking the local server only: a probe that asked for the state of the cluster would empty
# the Service and freeze every disruption budget the moment a majority of masters is lost.
# usage: probe.sh startup|readiness|liveness
set -eu

. /etc/slotwise/config/query.sh
. /etc/slotwise/config/volume.sh
. /etc/slotwise/config/reserve.sh

run="/run/slotwise/$CLUSTER_UID/$POD_UID"

newline='
'
fail() {
    echo "$1"
    exit 1
}

# Any answer is alive, also LOADING, BUSY, NOAUTH or MASTERDOWN: a server that loads or runs a slow script must not be killed for it.
answers() {
    # The second question is for the volume.
    answer=$(query "$POD_IP" 6379 4 <<END
PING
CONFIG GET proc-title-template
END
)
    title=${answer##*"$newline"} answer=${answer%%"$newline"*}
    case "$answer" in
        # The last one is what busybox says of a client whose time is up.
        '' | *'Could not connect'* | Error:* | Terminated*) return 1 ;;
    esac
}

# Sets what INFO says of this server.
look() {
    loading= role= master_link_status= master_last_io_seconds_ago=
    info=$(query "$POD_IP" 6379 4 <<END
INFO persistence replication
END
)
    while read -r line; do
        # What the server says ends with a carriage return.
        value=${line#*:} value=${value%?}
        case "$line" in
            loading:*) loading=$value ;;
            role:*) role=$value ;;
            master_link_status:*) master_link_status=$value ;;
            master_last_io_seconds_ago:*) master_last_io_seconds_ago=$value ;;
        esac
    done <<END
$info
END
}

# A server that saves in the foreground answers nobody, and must not lose what it saves.
is_saving() {
    saving=no
    for file in /data/temp-*.rdb; do
        # Where a file is missing, shells do not agree which one is newer.
        [ -e "$file" ] || continue
        [ -e "$run/last-liveness" ] && [ ! "$file" -nt "$run/last-liveness" ] || saving=yes
    done
    [ "$saving" = yes ]
}

case "$1" in
    startup)
        answers || fail "no answer: $answer"
        ;;
    liveness)
        answers || is_saving || { : > "$run/last-liveness" && fail "no answer: $answer"; }
        : > "$run/last-liveness"
        look_at_volume && { release_reserve; make_reserve; report_volume "$title"; } || true
        ;;
    readiness)
        look
        [ "$loading" = 0 ] || fail "not ready: loading its data, or: $info"
        case "$role" in
            master)
                # The hook that hands over before this pod is stopped wants to know since when, and until when (prestop.sh).
                [ -f "$run/master-since" ] || uptime_seconds > "$run/master-since"
                ;;
            slave)
                [ ! -f "$run/master-since" ] || { touch /data/stood-down && rm "$run/master-since"; }
                [ "$master_link_status" = up ] || fail "the link to the master is $master_link_status"
                # A master greets its replicas every 10 s.
                [ "$master_last_io_seconds_ago" -le 30 ] || fail "the master has been silent for $master_last_io_seconds_ago s"
                ;;
            *) fail "the server did not say its role" ;;
        esac
        ;;
    *)
        echo "usage: probe.sh startup|readiness|liveness" >&2
        exit 2
        ;;
esac
