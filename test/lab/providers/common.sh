# shellcheck shell=bash
# What the build scripts share: where finished binaries lie, and how one is built from the Go module proxy alone.
#
# The cache is outside the checkout, so that a fresh clone on the same machine finds yesterday's binaries:
#   $VCLOUD_LAB_CACHE, else /var/cache/vcloud-lab (root), else ${XDG_CACHE_HOME:-~/.cache}/vcloud-lab
# Every file in it has its version in its path and is renamed into place when it is whole, so it is never rebuilt and never half there.

PATH=$PATH:/usr/local/go/bin
if [ -n "${VCLOUD_LAB_CACHE:-}" ]; then cache=$VCLOUD_LAB_CACHE
elif [ "$(id -u)" = 0 ]; then cache=/var/cache/vcloud-lab
else cache=${XDG_CACHE_HOME:-$HOME/.cache}/vcloud-lab; fi
mkdir -p "$cache"

die() { echo "$0: $*" >&2; exit 1; }

# need_go MINIMUM: Go of at least this version, or a message that names what is missing.
need_go() {
  command -v go > /dev/null || die 'go is not on PATH'
  local have
  have=$(GOTOOLCHAIN=local go env GOVERSION)
  printf 'go%s\n%s\n' "$1" "$have" | sort -CV || die "needs Go $1 or newer, this is $have"
}

# one_build NAME: waits until no other process builds NAME, and holds the lock until this script ends.
one_build() {
  mkdir -p "$cache/locks"
  exec 9> "$cache/locks/$1"
  flock -w "${VCLOUD_LAB_BUILD_WAIT:-1800}" 9 || die "another build of $1 did not end"
}

# scratch: an empty folder that goes with this script, in $work.
scratch() {
  work=$(mktemp -d)
  # The module cache hands out read-only folders, and a copy of one stays read-only.
  trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
}

# module_folder MODULE@VERSION: downloads it, checked against go.sum or the checksum database, and prints where it is.
module_folder() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p'; }

# finish FILE DESTINATION: a binary is in its place whole or not at all.
finish() { mkdir -p "$(dirname "$2")" && mv "$1" "$2.new" && mv "$2.new" "$2" && ls -l "$2"; }
