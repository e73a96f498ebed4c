#!/usr/bin/env bash
# Runs one tier of the end-to-end tests on a cluster of its own: control-plane or node; of it those whose module begins
# as the second argument says, with the test program's further arguments.
# The cluster stays up for the next run (`make clean-clusters` ends it), but in CI it ends with the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
tier=$1
name=test-$tier
target=${CARGO_TARGET_DIR:-$PWD/target}
cluster=tests/cluster.sh
node=()
[ "$tier" = node ] && node=(--node)

finish() {
  code=$?
  if [ -n "${CI:-}" ]; then
    $cluster down --name "$name"
  fi
  exit $code
}

install() {
  deploy/images.sh
  $cluster load-image --name "$name" target/images/tributary-operator.tar target/images/tributary-gateway.tar
  kubectl=("$(field kubectl)" --kubeconfig "$(field kubeconfig)")
  "${kubectl[@]}" apply -k deploy
  # The tag of a development image never changes: Pods of an older one are replaced.
  "${kubectl[@]}" -n tributary-system rollout restart deployment/tributary-operator deployment/tributary-stand-in
  for part in operator stand-in; do
    "${kubectl[@]}" -n tributary-system rollout status "deployment/tributary-$part" --timeout=90s
  done
}

clients() { # those that are not written in Rust
  (cd tests/cluster && go build -o "$target/informers" ./cmd/informers)
  TRIBUTARY_TEST_INFORMERS=$target/informers
  TRIBUTARY_TEST_PYTHON=$(tests/clients/python/install.sh)
  export TRIBUTARY_TEST_INFORMERS TRIBUTARY_TEST_PYTHON
}

field() { # a field of the cluster's status
  $cluster status --name "$name" -o json | sed -n "s/^ *\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

$cluster build "${node[@]}"
trap finish EXIT
$cluster up --name "$name" "${node[@]}"
cargo build -p tributary-gateway -p tributary-operator
[ "$tier" = node ] && install
[ "$tier" = control-plane ] && clients
TRIBUTARY_TEST_KUBECONFIG=$(field kubeconfig)
TRIBUTARY_TEST_KUBECTL=$(field kubectl)
TRIBUTARY_TEST_PKI=$(field pkiDir)
export TRIBUTARY_TEST_KUBECONFIG TRIBUTARY_TEST_KUBECTL TRIBUTARY_TEST_PKI
export TRIBUTARY_TEST_BIN=$target/debug
cargo test -p tributary-tests --test e2e "${tier//-/_}::${2:-}" -- "${@:3}"
