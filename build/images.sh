#!/bin/bash
# Adds the server versions that the tests and benchmarks run, and this machine's packages do not have, to localkube's image store.
# Downloads some 60 MB once; takes a moment when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

localkube=src/LocalKubernetes/bin/${CONFIGURATION:-Release}/net10.0/localkube
if ! timeout --kill-after=10 300 "$localkube" images add redis:8.0 valkey/valkey:8.1 valkey/valkey:9; then
    echo "Adding images failed, or took more than 300 s; what was said stands above. Whether the mirror answers is shown by apt-get update." >&2
    exit 1
fi
