# Sourced by start.sh and probe.sh: how full the volume is.

# Sets $used, in percent, and $free, in KiB, of what somebody may use who is not root. Fails where there is no telling.
look_at_volume() {
    room=$(df -Pk /data | { read -r _ && read -r _ _ _ free used _ && echo "$free ${used%\%}"; }) || return 1
    free=${room% *} used=${room#* }
    case $free$used in *[!0-9]*) return 1 ;; esac
}

# Says how full it is where the operator can read it, which may neither look into pods nor ask their kubelets: at the end of the
# title of the server's process (proc-title-template). Only thresholds, and one is left only well below where it was reached: a
# volume around 80 % must not be news every ten seconds.
# usage: report_volume TITLE
report_volume() {
    case "$1" in
        *' volume 95% full') last=95 ;;
        *' volume 80% full') last=80 ;;
        '{title}'*) last=0 ;;
        *) return 0 ;;
    esac

    level=0
    if [ "$used" -ge 95 ] || { [ "$last" -eq 95 ] && [ "$used" -ge 92 ]; }; then
        level=95
    elif [ "$used" -ge 80 ] || { [ "$last" -ge 80 ] && [ "$used" -ge 75 ]; }; then
        level=80
    fi

    [ "$level" -ne "$last" ] || return 0
    title='{title} {listen-addr} {server-mode}'
    [ "$level" -eq 0 ] || title="$title volume $level% full"
    echo "CONFIG SET proc-title-template \"$title\"" | query "$POD_IP" 6379 > /dev/null
}
