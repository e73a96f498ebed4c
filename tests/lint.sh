#!/usr/bin/env bash
# Format, lints, licences and duplicate crates. In CI a warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
deny_version=0.20.2
tools=${TRIBUTARY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tributary}/cargo-deny-$deny_version

cargo fmt --all --check
cargo clippy --workspace --all-targets ${CI:+-- -D warnings}
unformatted=$(gofmt -l tests/cluster gateway/definition/data gateway/schema/data)
if [ -n "$unformatted" ]; then
  echo "gofmt would change: $unformatted" >&2
  exit 1
fi
if [ ! -x "$tools/bin/cargo-deny" ]; then
  echo "Installing cargo-deny $deny_version (once, some minutes) ..."
  cargo install --quiet --locked --root "$tools" --target-dir "$tools/build" cargo-deny@$deny_version
  rm -rf "$tools/build"
fi
# Advisories need the advisory database from the network: `cargo deny check advisories` does that by hand.
"$tools/bin/cargo-deny" check --hide-inclusion-graph licenses bans sources
