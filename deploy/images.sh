#!/usr/bin/env bash
# Builds the static binaries and from them the images tributary.dev/operator:dev and tributary.dev/gateway:dev, as
# OCI archives in target/images, with docker (25 or newer), podman or buildah, whichever is there.
#   deploy/images.sh               build
#   deploy/images.sh binaries      the static binaries alone, in target/<machine>-unknown-linux-gnu/release
#   deploy/images.sh push REGISTRY build, and push to REGISTRY/operator:dev and REGISTRY/gateway:dev
set -euo pipefail
cd "$(dirname "$0")/.."
target=${TARGET:-$(uname -m)-unknown-linux-gnu}
out=$PWD/target/images
context=$out/context

say() { printf '\n== %s\n' "$*"; }

# Debian's package of one program, where we may install it.
install() { # PACKAGE WHY
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "$2: install it, or run as root on Debian to have it installed" >&2
    exit 1
  fi
  say "Installing $1"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1" >/dev/null
}

links() { # whether a static program can be linked
  echo 'int main(void) { return 0; }' | cc -static -x c -o /dev/null - 2>/dev/null
}

compile() {
  links || install libc6-dev "No static libc (libc.a), which static binaries need"
  command -v make >/dev/null || install make "No make, which builds the allocator"
  rustup target list --installed | grep -qx "$target" || rustup target add "$target"
  say "Compiling static binaries for $target (some minutes the first time)"
  RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static" \
    cargo build --release --target "$target" --target-dir target -p tributary-operator -p tributary-gateway
  mkdir -p "$context"
  cp "target/$target/release/tributary-operator" "target/$target/release/tributary-gateway" "$context/"
}

builder() { # the program that builds images
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then echo docker; return; fi
  if command -v podman >/dev/null; then echo podman; return; fi
  command -v buildah >/dev/null || install buildah "No docker, podman or buildah that works" >&2
  echo buildah
}

# buildah keeps what it makes below target, and needs neither a daemon nor user namespaces.
buildah_here() {
  buildah --root "$out/storage" --runroot "$out/run" --storage-driver vfs "$@"
}

build() { # BUILDER NAME
  local image=tributary.dev/$2:dev archive=$out/tributary-$2.tar
  local args=(--target "$2" -f deploy/Dockerfile -t "$image")
  rm -f "$archive"
  case $1 in
    docker)
      docker build -q "${args[@]}" "$context"
      docker save -o "$archive" "$image" ;;
    podman)
      podman build -q "${args[@]}" "$context"
      podman save --format oci-archive -o "$archive" "$image" ;;
    buildah)
      buildah_here bud -q --isolation chroot "${args[@]}" "$context"
      buildah_here push -q "$image" "oci-archive:$archive:$image" ;;
  esac
  ls -l "$archive" | awk '{printf "%s  %.1f MB\n", $NF, $5 / 1e6}'
}

push() { # BUILDER NAME REGISTRY
  local image=tributary.dev/$2:dev there=$3/$2:dev
  case $1 in
    docker | podman) "$1" tag "$image" "$there" && "$1" push -q "$there" ;;
    buildah) buildah_here push -q "$image" "docker://$there" ;;
  esac
  echo "pushed $there"
}

compile
if [ "${1:-}" = binaries ]; then exit; fi
with=$(builder)
say "Building images with $with"
for name in operator gateway; do
  build "$with" $name
  if [ "${1:-}" = push ]; then push "$with" $name "$2"; fi
done
rm -rf "$out/storage" "$out/run"
