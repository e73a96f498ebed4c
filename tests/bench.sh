#!/usr/bin/env bash
# Compares the gateway's CPU and memory with sample-apiserver's and a CRD's, on a cluster of its own.
# Arguments, and what BENCH_FLAGS has, are for tests/cluster/cmd/bench; --short takes about a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release -p tributary-gateway
(cd tests/cluster && go build -o "$target/bench" ./cmd/bench)
# shellcheck disable=SC2086 # flags are words
exec "$target/bench" --gateway "$target/release/tributary-gateway" ${BENCH_FLAGS:-} "$@"
