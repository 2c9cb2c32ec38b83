# The gate of law 5, read by start.sh: a server whose memory was the truth and is gone must not answer while somebody else still has
# what it had. Its replicas would copy it: they come back to the address that they follow, whoever is there now, and whatever id it
# has. So a server that lost its memory does not come back as a new node either; it waits, without a listener on its ports, until a
# replica took over, by the operator's hand or by the servers' own election, to which a closed port is a dead master. Then it starts
# under its old id and becomes a replica of the one that has its slots.
#
# Nothing here can dead-lock: replicas never wait; whoever waits answers on the gate's port that it waits and what it has, so two that
# wait for each other know it and both start; and whatever is waited for besides has an end. The one wait without an end is that of an
# empty master while a replica that is listed in its nodes.conf does not answer: that one may have the last copy, so only a person, or
# the operator by recovery.lostSlots, may give it up.
#
# An append-only file that is written every second lacks the last writes of a process that was killed, up to two seconds of them when
# the disk is busy, and a replica has them. So it counts only when no replica lived on, or none became the master in time.
#
# Nothing at all may be missing, and the server is still not the master any more: the operator lets a replica take over without votes
# where there is no majority. Other masters tell; where there are none, as in a cluster of one shard, only that replica can, and what
# clients write here while it hangs is lost when it is back. So it is asked before, as long as it takes its kubelet to end it.
#
# And a replica whose master is gone copies whoever is at the address that it follows, also a pod of another shard: nothing in what they
# say to each other tells it better. So nobody starts at an address that somebody follows who has keys, until he follows another one.
#
# Sets $decision: empty where there was nothing to decide, else
#   replaced  another node has the slots by now, this one will follow it
#   emptied   the keys in memory are lost: everybody who could have them answered and has none
#   restored  the same, but there is a dump: older than what was in memory, but all that there is
#   resigned  empty although a replica that may have the keys did not answer: somebody allowed it

gate_port=6380

# A server that hangs is ended by its liveness probe within a minute, after its grace, and is back soon.
hung=180

answers="$run/answers"
cr=$(printf '\r')

pass_gate() {
    decision= lost=nothing my_role=new my_id= my_epoch=0 my_starts= followers= reached= others=
    find_siblings
    [ ! -s "$data/nodes.conf" ] || read_own_entry
    case $my_role in
        replica)
            # It copies its master, and is never elected before it did.
            siblings= others=
            [ -z "$(followers_of_address "$data/nodes.conf")" ] || wait_for_what_was_lost
            ;;
        master)
            if ! loads_aof; then
                lost=everything
            elif [ "$(directive appendfsync)" != always ]; then
                lost=end
            fi
            wait_for_what_was_lost
            ;;
        *)
            # Nothing to lose, but this address may be one that a replica of a lost master still follows.
            wait_for_what_was_lost
            ;;
    esac
    note_persistence
}

# --- what this node was, by its nodes.conf ---

read_own_entry() {
    while read -r id address flags master _ _ epoch _ slots; do
        case ",$flags," in
            *,myself,*) ;;
            *) continue ;;
        esac
        my_id=$id my_epoch=$epoch
        for range in $slots; do
            case $range in
                [0-9]*) my_starts="$my_starts ${range%-*}" ;;
            esac
        done
        case ",$flags," in
            *,slave,*) my_role=replica ;;
            *) [ -z "$my_starts" ] || my_role=master ;;
        esac
    done < "$data/nodes.conf"

    count=0
    while read -r _ address flags master _; do
        case $address in *,?*) ;; *) continue ;; esac
        name=${address#*,} name=${name%%,*}
        case ",$flags," in
            *,myself,* | *,handshake,*) ;;
            *,slave,*)
                [ "$master" = "$my_id" ] || continue
                followers="$followers $name"
                # One that was out of touch before cannot have replaced this node.
                case ",$flags," in *,fail,*) ;; *) reached="$reached $name" ;; esac
                ;;
            *)
                # A few of the other shards are enough to know who owns the slots.
                case "$siblings " in
                    *" $name "*) ;;
                    *) [ $((count += 1)) -gt 5 ] || others="$others $name" ;;
                esac
                ;;
        esac
    done < "$data/nodes.conf"
}

# Of a table of nodes: the hosts that follow another node that was at this address.
followers_of_address() {
    for previous in $(sed -n "s/^\([0-9a-f]*\) $POD_IP:[^ ]* [^ ]*master.*/\1/p" "$1"); do
        [ "$previous" = "$my_id" ] || sed -n "s/^[0-9a-f]* [^ ,]*,\([^ ,]*\)[^ ]* [^ ]*slave[^ ]* $previous .*/\1/p" "$1"
    done
}

find_siblings() {
    siblings=
    for ordinal in 0 1 2 3 4 5; do
        [ "$POD_NAME" = "${POD_NAME%-*}-$ordinal" ] || siblings="$siblings ${POD_NAME%-*}-$ordinal.${STABLE_HOST#*.}"
    done
}

# Of a node that is new only those matter that are there, so that nobody has to be asked who is not: with getent one program looks
# all names up, where there is one. It may say the whole name of the domain.
leave_named_siblings() {
    command -v getent > /dev/null || return 0
    # It fails when one of the names is nobody's.
    named=$(getent hosts $siblings) || true
    siblings=
    while read -r _ name _; do
        [ -z "$name" ] || siblings="$siblings ${name%%.*}.${STABLE_HOST#*.}"
    done <<END
$named
END
}

# Whether the server will read everything that it knew from its append-only file. One that an earlier life left behind, before that
# was switched off, is older than the mark of a life in memory.
loads_aof() {
    [ "$(directive appendonly)" = yes ] && aof_is_whole || return 1
    [ ! -e "$data/memory-only" ] || [ "$manifest" -nt "$data/memory-only" ]
}

aof_is_whole() {
    folder=$(directive appenddirname) name=$(directive appendfilename)
    folder=$data/${folder:-appendonlydir}
    manifest=$folder/${name:-appendonly.aof}.manifest
    [ -s "$manifest" ] || return 1
    newest=$manifest
    while read -r _ name _ _ _ type _; do
        [ "$type" != h ] || continue
        [ -f "$folder/$name" ] || return 1
        [ ! "$folder/$name" -nt "$newest" ] || newest=$folder/$name
    done < "$manifest"
}

has_dump() {
    if [ "$(directive appendonly)" = yes ]; then
        aof_is_whole
    else
        dump=$(directive dbfilename)
        dump=$data/${dump:-dump.rdb}
        [ -s "$dump" ]
    fi
}

note_persistence() {
    if [ "$(directive appendonly)" = yes ]; then
        rm -f "$data/memory-only"
        # With an append-only file of which parts are missing a server would not start.
        if ! aof_is_whole && [ -d "$folder" ]; then
            echo "gate: $folder lacks files that its manifest names, and was set aside"
            mv "$folder" "$folder-set-aside-$(date +%s)"
        fi
    else
        touch "$data/memory-only" || true
    fi
}

# --- asking ---

# The answers of a server, or else of its gate; they count only if they prove to be of this cluster.
ask() {
    heard=$(query "$1" 6379 <<END
INFO server replication persistence keyspace
CLUSTER NODES
CLUSTER SHARDS
END
)
    case "$heard" in *config_file:*) ;; *) is_unknown_name "$heard" || heard=$(query "$1" "$gate_port" <<END
INFO server
GET has
END
) ;; esac
    printf '%s\n' "$heard" > "$answers/$1"
}

is_unknown_name() {
    case "$1" in
        'Could not connect'*' not known' | 'Could not connect'*' not resolve' | 'Could not connect'*'No address'*) ;;
        *) return 1 ;;
    esac
}

# Everybody at once: one that is silent must not hold the others up.
ask_all() {
    rm -rf "$answers"
    mkdir -p "$answers"
    ask_these $siblings $others
}

ask_these() {
    asked=
    for host; do
        ask "$host" &
        asked="$asked $!"
    done
    # Not the server of the gate, which runs in the background too.
    [ -z "$asked" ] || wait $asked
}

# Sets $lodgers: who would copy this server because it is where his master was.
find_lodgers() {
    guests= lodgers=
    for table in "$answers"/* "$data/nodes.conf"; do
        [ ! -f "$table" ] || guests="$guests $(followers_of_address "$table" | tr '\n' ' ')"
    done
    guests=$(printf '%s\n' $guests | sort -u)
    ask_these $guests
    for host in $guests; do
        read_answer "$host"
        [ "$answer $is_replica $has_keys $is_at_my_address" != 'server yes yes yes' ] || lodgers="$lodgers ${host%%.*}"
    done
}

# What one host said: $answer is server, gate, silence or nobody (there is no such name). It counts only if it proves to be of this
# cluster and of the pod that was asked for: names may still lead to an address that another pod has by now.
read_answer() {
    host=$1 answer=silence origin= is_loading=no is_replica=no has_keys=no follows_me=no is_at_my_address=no alone_for=0 replid= offset=0 heard=0 claims_mine=no
    field= node=
    while IFS= read -r line; do
        line=${line%"$cr"}
        # CLUSTER SHARDS has the name of a field in one line and its value in the next.
        case $field in
            id) node=$line ;;
            replication-offset) [ "$node" != "$my_id" ] || heard=$line ;;
        esac
        field=$line
        case $line in
            "config_file:/run/slotwise/$CLUSTER_UID/"*/gate.conf) origin=gate ;;
            "config_file:/run/slotwise/$CLUSTER_UID/"*) origin=server ;;
            loading:1) is_loading=yes ;;
            role:slave) is_replica=yes ;;
            db*:keys=*) has_keys=yes ;;
            "master_host:$POD_IP" | "master_host:$STABLE_HOST") follows_me=yes is_at_my_address=yes ;;
            master_link_down_since_seconds:*) alone_for=${line#*:} ;;
            master_replid:*) replid=${line#*:} ;;
            master_repl_offset:*) offset=${line#*:} ;;
            "nothing $host") answer=$origin ;;
            "keys $host") answer=$origin has_keys=yes ;;
            *:*@*' '*) [ "$origin" != server ] || read_node "$line" ;;
            'Could not connect'*) ! is_unknown_name "$line" || answer=nobody ;;
        esac
    done < "$answers/$host"
}

# One line of CLUSTER NODES.
read_node() {
    set -- $1
    case "$2, ,$3," in
        *",$host,"*' '*,myself,*) answer=server ;;
    esac
    case ",$3," in
        *,myself,slave,*) [ "$4" != "$my_id" ] || follows_me=yes ;;
        *,master,*)
            [ "$1" != "$my_id" ] || return 0
            claimant=$1 flags=$3 epoch=$7
            shift 8
            has_my_slots "$@" || return 0
            # Whoever took over got an epoch of its own, above all others; one that is lower had the slots before.
            if [ "$epoch" -gt "$my_epoch" ]; then
                replaced=yes
                [ "$epoch" -le "$owner_epoch" ] || owner=$claimant owner_epoch=$epoch
            else
                case ",$flags," in *,myself,*) claims_mine=yes ;; esac
            fi
            ;;
    esac
}

has_my_slots() {
    [ -n "$my_starts" ] || return 1
    for start in $my_starts; do
        found=no
        for range; do
            case $range in
                [0-9]*) [ "$start" -lt "${range%-*}" ] || [ "$start" -gt "${range#*-}" ] || found=yes ;;
            esac
        done
        [ "$found" = yes ] || return 1
    done
}

# Whether what a replica read from its own disk, as it had no link to its master since it started, is not newer than the dump here:
# then this one comes back as if it had just been stopped.
is_not_newer() {
    [ "$alone_for" -lt 0 ] && has_dump && [ "$(directive appendonly)" != yes ] || return 1
    checker=${server%-server}-check-rdb
    dumped=$(timeout 5 "$checker" "$dump" 2>/dev/null | sed -n "s/.*AUX FIELD \(repl-id\|repl-offset\) = '\(.*\)'/\2/p; /repl-offset/q" | tr '\n' ' ')
    [ "${dumped%% *}" = "$replid" ] || return 1
    dumped=${dumped#* } dumped=${dumped% }
    [ "${dumped:-0}" -ge "$offset" ]
}

# Whether the sibling has more than is here.
is_heir() {
    [ "$has_keys" = yes ] || return 1
    if [ "$my_role $lost" = 'master nothing' ]; then
        return 1
    elif [ "$lost" = end ]; then
        # It followed up to the last write that is on disk, and has what this node told it on the bus that it had: a connection that stood
        # still behind a cut may have broken only when this node ended.
        [ "$offset" -ge "$heard" ] && [ "$follows_me" = yes ] && [ "$alone_for" -ge 0 ] && [ $(($(date +%s) - alone_for + 2)) -ge "$(date -r "$newest" +%s)" ]
    else
        { [ "$follows_me" = yes ] || [ "$claims_mine" = yes ]; } && ! is_not_newer
    fi
}

# The server starts as a replica of the owner, not as the master that it was. As that it would claim its slots until it hears better; and
# if another master has the epoch of this one, which the end of a slot's move can bring about, the one of the lower id takes an epoch
# above all: then it would have its slots back, without their keys.
step_down() {
    grep -q "^$owner " "$data/nodes.conf" || return 0
    sed -e "/ myself,master[^ ]* - /{
        s/^\(\([^ ]* \)\{7\}[^ ]*\).*/\1/
        s/ myself,master\([^ ]*\) - / myself,slave\1 $owner /
    }" -e "/^$owner /s/ slave\([^ ]*\) $my_id / master\1 - /" "$data/nodes.conf" > "$data/nodes.conf.new" && mv "$data/nodes.conf.new" "$data/nodes.conf" && return 0
    # A volume that is full: it starts as it was, which is better than with half a file.
    rm -f "$data/nodes.conf.new"
}

# --- waiting ---

wait_for_what_was_lost() {
    timeout=$(node_timeout)
    began=$(uptime_seconds) said= said_at=0 window= owner_since=
    [ "$my_role" = master ] || followers= reached= others=

    trap 'close_window; exit 143' TERM INT
    until may_start; do
        open_window
        sleep 1
    done
    trap 'exit 143' TERM INT
    close_window
    rm -rf "$answers"
    [ -z "$decision" ] || echo "gate: started as $decision after $waited s"
}

# One look at the others. Returns 0 when the server may start, with $decision set.
may_start() {
    [ "$my_role" != new ] || { find_siblings && leave_named_siblings; }
    ask_all
    find_lodgers
    heirs= missing= unheard= replaced=no informed=no owner= owner_epoch=0
    for host in $siblings $others; do
        read_answer "$host"
        # Of the masters of other shards it matters only whom they take for the owner.
        case " $others " in *" $host "*) [ "$answer" != server ] || informed=yes; continue ;; esac
        # Who says that it is a replica has not taken over; it says so while it loads, too.
        case "$answer $is_replica $reached " in
            server* | gate* | *' yes '*) ;;
            *" $host "*) unheard="$unheard ${host%%.*}" ;;
        esac
        case $answer in
            server)
                if [ "$is_loading" = yes ]; then
                    missing="$missing $host"
                elif is_heir; then
                    heirs="$heirs ${host%%.*}"
                fi
                ;;
            gate) [ "$has_keys" = no ] || missing="$missing $host" ;;
            silence) missing="$missing $host" ;;
            nobody) case " $followers " in *" $host "*) missing="$missing $host" ;; esac ;;
        esac
    done
    waited=$(($(uptime_seconds) - began))

    if [ -n "$lodgers" ]; then
        say "the master of$lodgers was at this address, which would copy this server and lose what it has: waiting until it is the master or follows another one (the operator sees to it, or redis-cli CLUSTER FAILOVER TAKEOVER there)"
    elif [ "$replaced" = yes ]; then
        : "${owner_since:=$waited}"
        # A replica that has not heard of its new master yet would copy this one first.
        [ -n "$heirs" ] && [ $((waited - owner_since)) -lt "$timeout" ] || { decision=replaced && step_down && return 0; }
        say "another node has the slots, but$heirs did not follow it yet"
    elif [ "$lost" != everything ] && [ "$my_role" = master ]; then
        # The servers elect it after cluster-node-timeout and two or three seconds.
        patience=$((2 * timeout + 4))
        [ "$informed" = no ] || unheard=
        if [ -n "$heirs" ] && [ "$waited" -lt "$patience" ]; then
            say "the last writes may be missing here, and$heirs has them: waiting until it is the master, for at most $patience s"
        elif [ -n "$unheard" ] && [ "$waited" -lt "$hung" ]; then
            say "somebody may have the slots by now, as these do not answer and nobody else can tell:$unheard; waiting for at most $hung s"
        else
            return 0
        fi
    elif [ -n "$heirs" ]; then
        say "the keys in memory are lost here, and$heirs still has them: waiting until it is the master (the operator sees to it, or redis-cli CLUSTER FAILOVER TAKEOVER there)"
    elif [ "$my_role" != master ]; then
        return 0
    elif [ -z "$missing" ]; then
        decision=emptied
        ! has_dump || decision=restored
        return 0
    elif [ "$waited" -lt $((2 * timeout)) ]; then
        say "the keys in memory are lost here, and these may have them but do not answer:$missing"
    else
        # By now the names that nodes.conf does not know are nobody's.
        known=
        for host in $missing; do
            case " $followers " in *" $host "*) known="$known ${host%%.*}" ;; esac
        done
        if has_dump; then
            decision=restored
            return 0
        elif [ -z "$known" ]; then
            decision=emptied
            return 0
        elif [ "$(cat /etc/slotwise/pod/start-empty 2>/dev/null)" = "$my_id" ]; then
            decision=resigned
            return 0
        fi
        say "the keys in memory are lost here, and only$known may have them: waiting for it; to give them up: kubectl annotate pod $POD_NAME slotwise.dev/start-empty=$my_id"
    fi
    return 1
}

# Once when it changes and every minute: the log must tell what is waited for, and not be filled by it.
say() {
    if [ "$1" != "$said" ] || [ $((waited - said_at)) -ge 60 ]; then
        echo "gate: $1"
        said=$1 said_at=$waited
        tell_window
    fi
}

# --- the window: what waits here answers on the gate's port, to its siblings and to the operator ---

open_window() {
    [ -z "$window" ] || return 0
    {
        echo 'user default off'
        sed -n 's/^\(user slotwise-operator on #[0-9a-f]*\) .*/\1 ~* resetchannels -@all +ping +info +get +set/p' "$credentials/users.acl"
    } > "$run/gate.acl"
    {
        echo "port $gate_port"
        sed -n '/^bind /p' "$config/redis.conf"
        echo 'protected-mode no'
        echo "aclfile $run/gate.acl"
        echo 'save ""'
        echo 'appendonly no'
        echo 'loglevel warning'
        echo "dir $run"
    } > "$run/gate.conf"
    "$server" "$run/gate.conf" > /dev/null &
    window=$!
    tell_window
}

tell_window() {
    [ -n "$window" ] || return 0
    has=nothing
    ! has_dump || has=keys
    for _ in 1 2 3 4 5; do
        [ "$(printf 'SET waits "%s"\nSET has "%s"\n' "$said" "$has $STABLE_HOST" | query "$POD_IP" "$gate_port" | tr '\n' ' ')" != 'OK OK ' ] || break
        sleep 0.2
    done
}

close_window() {
    [ -z "$window" ] || { kill "$window" && wait "$window"; } || true
    window=
}
