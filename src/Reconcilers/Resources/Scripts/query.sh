# How the other scripts ask a server: as the operator's user, with the password from its file. Never among the arguments, which
# everybody on the host can read.
#
# Probes run every few seconds in every pod, out of what the pod may use of a processor: what the shell can do it does itself, as
# every other program costs a process.

if command -v valkey-cli > /dev/null; then client=valkey-cli; else client=redis-cli; fi
# read says no where the last line has no end.
read -r password < /etc/slotwise/credentials/operator-password || [ -n "$password" ]

# Sends what comes from standard input, one command a line, and waits for the answers for three seconds, or longer where it is said:
# on a busy host, or at the limit of the pod, the client alone may take more than one.
# usage: query HOST PORT [SECONDS]
query() {
    REDISCLI_AUTH=$password timeout "${3:-3}" "$client" -h "$1" -p "$2" --user slotwise-operator --no-auth-warning 2>&1 || true
}

# The last value of a directive in redis.conf, as that is the one that counts.
directive() {
    sed -n "s/^$1[[:space:]]\{1,\}//p" /etc/slotwise/config/redis.conf | tail -n 1 | tr -d '"'
}

# cluster-node-timeout in seconds.
node_timeout() {
    milliseconds=$(directive cluster-node-timeout)
    echo $(((milliseconds + 999) / 1000))
}

# Seconds that pass also when the clock is set.
uptime_seconds() {
    read -r up _ < /proc/uptime
    echo "${up%.*}"
}
