#!/bin/sh
# Runs before the server of this pod is stopped, whoever deletes the pod: a master first hands its slots over to a replica, so that
# no write is lost and nobody waits for an election. The operator leaves a pod that is being deleted to this hook, and acts itself
# when the container has ended; so there is one failover at a time by one actor (law 13), and this one is never tried twice.
#
# It asks for nothing later than 15 s after it began and is over after 30, however slowly servers answer; the server's own shutdown
# (shutdown-timeout) needs its part of terminationGracePeriodSeconds too. What cannot be done now is left to what comes next: shutdown
# waits for replicas to get everything, and then one of them is promoted.
set -eu

. /etc/slotwise/config/query.sh

run="/run/slotwise/$CLUSTER_UID/$POD_UID"
answers="$run/voters"
max_lag=16777216
stood_down=/data/stood-down

# Into the pod's log; a hook's own output is shown only when it fails.
[ ! -w /proc/1/fd/1 ] || exec >> /proc/1/fd/1 2>&1

leave() {
    rm -rf "$answers"
    echo "handover: $1"
    exit 0
}

# Clients learn of a new master from this server, by their next command: who sends one while it ends would not know whether it was
# done. A readiness probe, every two seconds, takes the mark of a master away and leaves the one of who stood down.
let_clients_learn() {
    [ ! -f "$run/master-since" ] && [ "$(seconds_since_it_stood_down)" -gt 2 ] || sleep 1
}

seconds_since_it_stood_down() {
    if [ -f "$stood_down" ]; then
        echo $(($(date +%s) - $(date -r "$stood_down" +%s)))
    else
        echo 999999
    fi
}

pause() {
    sleep 0.1 2> /dev/null || sleep 1
}

# Whether the first process of the container is still the shell of start.sh, or a server that does not handle SIGTERM yet: the signal
# that follows this hook would be lost on it, and the pod would be there for the whole of its grace.
is_starting() {
    # Where processes are hidden nothing is waited for: the handover must not fail for it.
    read -r first < /proc/1/comm && read -r own < "/proc/$$/comm" || return 1
    [ "$first" != "$own" ] || return 0
    while read -r key handled; do
        # SIGTERM has the 15th of these bits.
        case $key:$handled in SigCgt:*[4567cdef]???) return 1 ;; esac
    done < /proc/1/status
}

# What this server says; fails when it does not.
look() {
    me=$(printf 'INFO replication\nCLUSTER INFO\nCLUSTER NODES\n' | query "$POD_IP" 6379 | tr -d '\r')
    my_line=$(printf '%s\n' "$me" | sed -n '/ myself,/p')
    [ -n "$my_line" ]
}

field() {
    printf '%s\n' "$2" | sed -n "s/^$1://p"
}

is_master() {
    set -- $my_line
    my_id=$1
    case ",$3," in *,master,*) ;; *) return 1 ;; esac
    [ "$#" -gt 8 ]
}

# Whether this node gave its slots away less than twice cluster-node-timeout ago; the mark lasts as long as its node id. (In whole
# seconds, which may be almost one less than they seem.)
too_soon() {
    [ "$(seconds_since_it_stood_down)" -le $((2 * $(node_timeout))) ]
}

# A process that won an election is not asked again for four times cluster-node-timeout: it still has the old votes, and would make
# itself master by them at once, under an epoch that is not above this one's; for a moment there would be two masters, and the writes
# to one of them would be lost. It cannot have won one since this server is the master, and not at all if it never asked for votes.
may_be_elected() {
    [ -z "$(field cluster_stats_messages_auth-req_sent "$1")" ] && return 0
    [ -f "$run/master-since" ] && [ $(($(uptime_seconds) - $(cat "$run/master-since"))) -gt $((4 * $(node_timeout))) ]
}

# Sets $candidate and $candidate_ip: of the replicas that this server lists as its own and that are in sync, the one that has most.
choose() {
    candidate= candidate_ip= most=-1 rejected=
    written=$(field master_repl_offset "$me")
    while read -r id address flags master _; do
        case ",$flags,$master" in
            *,fail,* | *,fail\?,* | *,handshake,*) continue ;;
            *,slave,*"$my_id") ;;
            *) continue ;;
        esac
        ip=${address%%@*} ip=${ip%:*}
        said=$(printf 'INFO server replication\nCLUSTER MYID\nCLUSTER INFO\n' | query "$ip" 6379 | tr -d '\r')
        has=$(field slave_repl_offset "$said")
        case $said in
            *"config_file:/run/slotwise/$CLUSTER_UID/"*"master_link_status:up"*"master_sync_in_progress:0"*"$id"*) ;;
            *) rejected="$rejected, $ip does not say that it is in sync" && continue ;;
        esac
        # It would have to catch up while all clients wait.
        [ $((written - has)) -le "$max_lag" ] || { rejected="$rejected, $ip lags by $((written - has)) bytes" && continue; }
        may_be_elected "$said" || { rejected="$rejected, $ip stood in an election a short time ago" && continue; }
        [ "$has" -le "$most" ] || { candidate=$id candidate_ip=$ip most=$has; }
    done <<EOF
$me
EOF
    [ -n "$candidate" ]
}

# Whether a majority of the masters list the candidate as a replica of this one at its address: others would not vote for it, and
# all clients would wait for nothing. Of very many masters some are asked.
voters_know() {
    needed=$(field cluster_size "$me")
    [ "$needed" -le 21 ] || needed=21
    mkdir -p "$answers"
    asked=
    while read -r voter address flags _ _ _ _ _ slot _; do
        case "$voter,$flags," in
            "$my_id",* | *,fail,* | *,fail\?,*) continue ;;
            *,master,*) [ -n "$slot" ] || continue ;;
            *) continue ;;
        esac
        [ "$(echo $asked | wc -w)" -lt 20 ] || break
        address=${address%%@*}
        printf 'CLUSTER NODES\n' | query "${address%:*}" 6379 > "$answers/$voter" &
        asked="$asked $!"
    done <<EOF
$me
EOF
    # shellcheck disable=SC2086
    [ -z "$asked" ] || wait $asked
    knowing=1
    for file in "$answers"/*; do
        ! grep -q "^$candidate $candidate_ip:6379@[^ ]* [^ ]*slave[^ ]* $my_id " "$file" 2> /dev/null || knowing=$((knowing + 1))
    done
    [ $((knowing * 2)) -gt "$needed" ]
}

began=$(uptime_seconds)
elapsed() { echo $(($(uptime_seconds) - began)); }

# A start takes moments, unless the gate waits; and that ends when it is told to.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    is_starting || break
    pause
done
look || leave "the server does not answer"
is_master || { let_clients_learn && exit 0; }
[ "$(field cluster_state "$me")" = ok ] || leave "not now, the cluster does not serve"

# Somebody may just have asked a replica to take over: then there must not be a second one.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    pause
    look || leave "the server does not answer any more"
    is_master || { let_clients_learn && leave "another server has the slots already"; }
done

# Voters do not vote about the same master again for twice cluster-node-timeout. Nobody waits for anything meanwhile.
while too_soon; do
    [ "$(elapsed)" -lt 8 ] || leave "not now, this server gave its slots away a short time ago and voters do not vote about it again so soon"
    pause
    look || leave "the server does not answer any more"
    is_master || { let_clients_learn && leave "another server has the slots already"; }
done

choose || leave "no replica can take over${rejected:-, there is none}"
voters_know || leave "only $knowing masters know that $candidate_ip follows this one"
[ "$(elapsed)" -lt 15 ] || leave "not now, servers are too slow to answer"
touch "$stood_down" || true
began=$(uptime_seconds)
answer=$(echo 'CLUSTER FAILOVER' | query "$candidate_ip" 6379 | tr -d '\r')
[ "$answer" = OK ] || leave "$candidate_ip does not take over: $answer"

# The servers give up after 5 s.
while [ "$(elapsed)" -lt 7 ]; do
    look || leave "the server does not answer while $candidate_ip takes over"
    if ! is_master; then
        sleep 1
        leave "$candidate_ip has the slots"
    fi
    pause
done
leave "$candidate_ip did not take over"
