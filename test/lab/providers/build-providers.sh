#!/usr/bin/env bash
# Builds the Terraform provider for OpenStack into a filesystem mirror, and writes the CLI configuration that uses only that mirror:
#   build-providers.sh        then: export TF_CLI_CONFIG_FILE=CACHE/terraform.rc; terraform init (no network)
# Needs Go 1.24 and terraform or tofu (on PATH, or built by build-opentofu.sh). About 90 CPU seconds from cold caches, 26 MB.
set -euo pipefail
# shellcheck source=common.sh
. "$(cd "$(dirname "$0")" && pwd)/common.sh"

namespace=terraform-provider-openstack name=openstack version=3.4.0
module=github.com/$namespace/$namespace/v3
# What go.sum would hold. The checksum database has no entry for this release; the hashes are those in the go.sum of public programs that require it.
h1_module=h1:Ap8gvameIY5ZM7CMh7fngP/VoIyeupzKX3izoyfp9yg=
h1_go_mod=h1:gF9VSPgY51+FFWv41akaQN+ewnmgcyddyt+bRjLoDvg=

mirror=$cache/mirror
need_go 1.24
one_build providers
scratch

# host ENGINE: where that engine looks for a provider whose source names no host: each has a default of its own, and says so.
mkdir "$work/host"
printf 'terraform {\n  required_providers {\n    x = { source = "y/x" }\n  }\n}\n' > "$work/host/main.tf"
host() { (cd "$work/host" && env -u TF_CLI_CONFIG_FILE "$1" providers 2> /dev/null) | sed -n 's#.*provider\[\([^/]*\)/.*#\1#p' | head -1; }

hosts=()
for engine in terraform tofu "$cache"/opentofu/*/tofu; do
  command -v "$engine" > /dev/null || continue
  host=$(host "$engine")
  [ -n "$host" ] || die "$engine does not say which host providers belong to"
  hosts+=("$host")
done
[ ${#hosts[@]} -gt 0 ] || die 'neither terraform nor tofu is here'

file=$namespace/$name/$version/$(go env GOOS)_$(go env GOARCH)/terraform-provider-${name}_v$version
binary=$mirror/${hosts[0]}/$file
if [ -x "$binary" ]; then
  echo "have $binary"
else
  cd "$work"
  printf 'module wrap\n\ngo 1.24\n\nrequire %s v%s\n' "$module" "$version" > go.mod
  printf '%s v%s %s\n%s v%s/go.mod %s\n' "$module" "$version" "$h1_module" "$module" "$version" "$h1_go_mod" > go.sum
  folder=$(module_folder "$module")
  [ -n "$folder" ] || die "the module proxy does not have $module v$version"
  # Built from a copy: dependencies are then checked against the module's own go.sum.
  cp -r "$folder" source && chmod -R u+w source && cd source
  # Without cgo the bytes, and so the hash in a dependency lock file, are the same wherever it is built.
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -trimpath -ldflags "-s -w -X main.version=$version" -o "$work/built" .
  finish "$work/built" "$binary"
fi
for host in "${hosts[@]:1}"; do
  mkdir -p "$(dirname "$mirror/$host/$file")"
  [ -x "$mirror/$host/$file" ] || ln "$binary" "$mirror/$host/$file"
done

cat > "$work/terraform.rc" << CONFIGURATION
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "$mirror"
  }
}
CONFIGURATION
mv "$work/terraform.rc" "$cache/terraform.rc"
echo "export TF_CLI_CONFIG_FILE=$cache/terraform.rc"
