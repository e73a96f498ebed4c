#!/usr/bin/env bash
# Installs what requirements.txt names into an environment of its own, in the cache, and prints its Python's path.
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}
cache=${TRIBUTARY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tributary}

fit='import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print("%d.%d" % sys.version_info[:2])'
if ! version=$("$python" -c "$fit" 2>/dev/null); then
  echo "The tests of the Python client need Python 3.10 or newer with venv: apt-get install python3-venv" >&2
  exit 1
fi
environment=$cache/python-$version-$(sha256sum requirements.txt | cut -c1-12)
if [ ! -x "$environment/bin/python" ]; then
  echo "Installing the Python client (once, half a minute) ..." >&2
  # It is moved to its place when it is complete: an environment is there or not.
  work=$environment.$$
  trap 'rm -rf "$work"' EXIT
  "$python" -m venv "$work"
  "$work/bin/python" -m pip --quiet --disable-pip-version-check install --no-deps -r requirements.txt >&2
  "$work/bin/python" -m pip --disable-pip-version-check check >&2
  # Another run may have been faster.
  mv -T "$work" "$environment" 2>/dev/null || [ -x "$environment/bin/python" ]
fi
echo "$environment/bin/python"
