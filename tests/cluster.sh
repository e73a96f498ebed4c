#!/usr/bin/env bash
# Runs tests/cluster, the program that builds and runs Kubernetes; compiles it first when it changed.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=${CARGO_TARGET_DIR:-$PWD/target}/cluster
mkdir -p "$(dirname "$tool")"
(cd tests/cluster && go build -o "$tool" ./cmd/cluster)
exec "$tool" "$@"
