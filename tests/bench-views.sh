#!/usr/bin/env bash
# Measures a view of 50,000 Pods and 100,000 Events, on a cluster of its own.
# Arguments, and what BENCH_FLAGS has, are for tests/cluster/cmd/bench-views; --short takes less than two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
# What the images have.
deploy/images.sh binaries
(cd tests/cluster && go build -o "$target/bench-views" ./cmd/bench-views)
# shellcheck disable=SC2086 # flags are words
exec "$target/bench-views" --gateway "target/$(uname -m)-unknown-linux-gnu/release/tributary-gateway" ${BENCH_FLAGS:-} "$@"
