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

# engine_hosts: one a line, where each engine that is here looks for a provider whose source names no host. Each has a default of its own, and says so.
engine_hosts() {
  mkdir -p "$work/host"
  printf 'terraform {\n  required_providers {\n    x = { source = "y/x" }\n  }\n}\n' > "$work/host/main.tf"
  local engine host
  for engine in terraform tofu "$cache"/opentofu/*/tofu; do
    command -v "$engine" > /dev/null || continue
    host=$( (cd "$work/host" && env -u TF_CLI_CONFIG_FILE "$engine" providers 2> /dev/null) | sed -n 's#.*provider\[\([^/]*\)/.*#\1#p' | head -1)
    [ -n "$host" ] || die "$engine does not say which host providers belong to"
    echo "$host"
  done
}

# provider NAMESPACE NAME VERSION: where the mirror has it for the first engine, in $binary; for the other engines, in $others.
provider() {
  local hosts file
  file=$1/$2/$3/$(go env GOOS)_$(go env GOARCH)/terraform-provider-$2_v$3
  mapfile -t hosts < <(engine_hosts)
  [ ${#hosts[@]} -gt 0 ] || die 'neither terraform nor tofu is here'
  binary=$cache/mirror/${hosts[0]}/$file others=()
  local host
  for host in "${hosts[@]:1}"; do others+=("$cache/mirror/$host/$file"); done
}

# mirrored: gives the other engines what was built for the first, and writes the CLI configuration that uses the mirror and nothing else.
mirrored() {
  local other
  for other in "${others[@]}"; do
    mkdir -p "$(dirname "$other")"
    [ -x "$other" ] || ln "$binary" "$other"
  done
  cat > "$work/terraform.rc" << CONFIGURATION
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "$cache/mirror"
  }
}
CONFIGURATION
  mv "$work/terraform.rc" "$cache/terraform.rc"
  echo "export TF_CLI_CONFIG_FILE=$cache/terraform.rc"
}
