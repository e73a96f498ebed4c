#!/usr/bin/env bash
# Compares the gateway's CPU and memory with sample-apiserver's and a CRD's, on a cluster of its own; then durable
# writes and starts with sample-apiserver's. etcd's data and the gateway's file are below target: /run is often in memory.
# Arguments, and what BENCH_FLAGS has, are for tests/cluster/cmd/bench; --short takes about two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
# What the images have.
deploy/images.sh binaries
(cd tests/cluster && go build -o "$target/bench" ./cmd/bench)
# shellcheck disable=SC2086 # flags are words
exec "$target/bench" --gateway "target/$(uname -m)-unknown-linux-gnu/release/tributary-gateway" --disk "$target" ${BENCH_FLAGS:-} "$@"
