# Sourced by start.sh and probe.sh, after volume.sh. A server that cannot save nodes.conf ends, and it has to save it whenever a master
# changes anywhere in the cluster: with a full volume the failover of another shard ends this one, and its own replica's volume is
# likely to be as full. So room for it is kept in a file, which goes when the volume is full and comes back when there is plenty again.
#
# It buys time and no more: what is released is there for everything else that is written, too, clients' writes first of all.
#
# It is kept without storage as well: the disk of a host, where /data is then, may be filled by anybody.

reserve=/data/nodes.conf.reserve

# In KiB. nodes.conf of the largest cluster, of 3000 nodes, has some 1024, and a save writes another one beside it and renames that
# (since 7.2). Where there is no room for two the reserve goes. It has four times that, as others take their part; and it is made where
# it is a quarter of what is free at most: so it never fills a small volume, and does not come back as soon as it has gone.
least=2048
size=8192
plenty=$((size * 4))

# By what look_at_volume saw, as what follows.
release_reserve() {
    [ "$free" -ge "$least" ] || rm -f "$reserve" "$reserve.new"
}

# Not of zeros, for which some file systems keep no room. A probe has no time for a disk that is slower than this.
make_reserve() {
    [ "$free" -ge "$plenty" ] && [ ! -e "$reserve" ] || return 0
    timeout 1 dd if=/dev/urandom of="$reserve.new" bs=65536 count=$((size / 64)) 2> /dev/null && mv "$reserve.new" "$reserve" || rm -f "$reserve.new"
}
