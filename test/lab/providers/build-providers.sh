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

need_go 1.24
one_build providers
scratch
provider $namespace $name $version
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
mirrored
