#!/bin/bash
# Installs the missing ones of the Debian packages that the demo and the tests use.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    echo "This needs root: pods get network namespaces and mounts of their own. Run it as root, or with sudo." >&2
    exit 1
fi
if ! command -v dotnet >/dev/null; then
    echo "This needs the .NET 10 SDK on the PATH: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
fi

packages=()
# command:package
for need in redis-server:redis-server redis-cli:redis-tools bwrap:bubblewrap ip:iproute2 nft:nftables \
            nsenter:util-linux ps:procps busybox:busybox kubectl:kubernetes-client; do
    command -v "${need%%:*}" >/dev/null || packages+=("${need##*:}")
done
# Images are made of Debian's packages, which are verified with its keys; another distribution has them on request.
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || packages+=(debian-archive-keyring)
# Pods whose clock can be wrong preload it.
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
[ ${#packages[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing: ${packages[*]} (Debian's names). There is no apt-get here: install them, then try again." >&2
    exit 1
fi

# Debian starts a server when it is installed. Nobody asked for a Redis on port 6379.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi

log=$(mktemp)
echo "Installing ${packages[*]}"
if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
       apt-get install -q -y --no-install-recommends "${packages[@]}"; } > "$log" 2>&1; then
    cat "$log" >&2
    echo "Installing ${packages[*]} failed; what apt-get said stands above." >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
