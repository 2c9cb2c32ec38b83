#!/bin/bash
# Writes what is made from the code and from config/: the CRD in config/crd and in the chart, and dist/install.yaml.
set -euo pipefail
cd "$(dirname "$0")/.."

program=src/Operator/bin/${CONFIGURATION:-Release}/net10.0/slotwise
crd=redisclusters.redis.slotwise.dev.yaml

# whole or not at all: a half-written definition would be applied by the next one who trusts the file
written=$(mktemp)
trap 'rm -f "$written"' EXIT
"$program" crd > "$written"
grep -q '^kind: CustomResourceDefinition$' "$written" || { echo "$program crd did not print a definition" >&2; exit 1; }
install -D -m 644 "$written" "config/crd/$crd"
install -D -m 644 "$written" "charts/slotwise/crds/$crd"

if command -v kubectl > /dev/null && kubectl kustomize config > "$written" 2> /dev/null; then
    :
else
    # the same objects in the same order, for machines whose kubectl cannot kustomize
    sed -n 's/^  - //p' config/kustomization.yaml | while read -r part; do
        echo "---"
        cat "config/$part"
    done > "$written"
fi
install -D -m 644 "$written" dist/install.yaml
echo "config/crd/$crd, charts/slotwise/crds/$crd, dist/install.yaml"
