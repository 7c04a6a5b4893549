#!/usr/bin/env bash
# Builds the Terraform provider for Kubernetes into the mirror that build-providers.sh makes, beside OpenStack's; either may be run first.
#   build-kubernetes-provider.sh
# Needs Go 1.24 and terraform or tofu. About 190 CPU seconds from cold caches, 65 MB.
set -euo pipefail
# shellcheck source=common.sh
. "$(cd "$(dirname "$0")" && pwd)/common.sh"

namespace=hashicorp name=kubernetes version=3.2.1
module=github.com/$namespace/terraform-provider-$name
# Its major versions are not in the module's path, so the proxy has no tag above v1. This is release 3.2.1 and two commits (a library, a list of owners).
commit=v1.13.4-0.20260821094251-3a33fb6cc605

need_go 1.24
one_build kubernetes-provider
scratch
provider $namespace $name $version
if [ -x "$binary" ]; then
  echo "have $binary"
else
  folder=$(module_folder "$module@$commit")
  [ -n "$folder" ] || die "the module proxy does not have $module $commit"
  cp -r "$folder" "$work/source" && chmod -R u+w "$work/source" && cd "$work/source"
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -trimpath -ldflags "-s -w -X main.Version=$version" -o "$work/built" .
  finish "$work/built" "$binary"
fi
mirrored
