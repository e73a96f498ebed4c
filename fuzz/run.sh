#!/usr/bin/env bash
# Fuzzes: every target, or those that are named, for FUZZ_SECONDS seconds each.
#
#   fuzz/run.sh                                     # all, a minute each
#   FUZZ_SECONDS=3600 fuzz/run.sh request           # one, for an hour
#   FUZZ_SECONDS=0 fuzz/run.sh                      # only what is in seeds/ and in the corpus
#
# What is found is kept in artifacts/<target>/ and shown; inputs that reach new code go to corpus/<target>/. Both stay out
# of git: an input worth keeping becomes a row of a unit test, or a small file in seeds/<target>/.
#
# Needs no nightly toolchain: without a sanitizer the coverage that libFuzzer goes by is to be had on stable, and the code
# under test has no unsafe code. Debug assertions and overflow checks are on.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.13.1
tools=${TRIBUTARY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tributary}/cargo-fuzz-$version
seconds=${FUZZ_SECONDS:-60}
# An input that takes longer than this many seconds, or more than this many MiB, is a finding.
longest=10
memory=2048
# Bytes of an input. Longer ones find the same more slowly; limits on size have tests of their own.
size=8192

if [ ! -x "$tools/bin/cargo-fuzz" ]; then
  echo "Installing cargo-fuzz $version (once, a minute or two) ..."
  cargo install --quiet --locked --root "$tools" --target-dir "$tools/build" cargo-fuzz@$version
  rm -rf "$tools/build"
fi
export PATH="$tools/bin:$PATH"

# The build that the runs below use: options that change it have to be the same.
build=(--sanitizer none --codegen-units 16)
cargo fuzz build "${build[@]}"
if [ $# -eq 0 ]; then
  mapfile -t targets < <(cargo fuzz list)
  set -- "${targets[@]}"
fi
for target in "$@"; do
  echo "== $target, $seconds s"
  corpus=fuzz/corpus/$target seeds=fuzz/seeds/$target
  mkdir -p "$corpus"
  limits=(-timeout=$longest -rss_limit_mb=$memory -max_len=$size)
  if [ "$seconds" -eq 0 ]; then
    limits+=(-runs=0)
  else
    limits+=("-max_total_time=$seconds")
  fi
  cargo fuzz run "${build[@]}" "$target" "$corpus" "$seeds" -- \
    "${limits[@]}" -dict=fuzz/dictionary.txt -print_final_stats=1 -verbosity=0 -print_funcs=0
done
