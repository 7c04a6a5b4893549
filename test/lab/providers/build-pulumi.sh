#!/usr/bin/env bash
# Builds Pulumi from Go modules into CACHE/pulumi/VERSION:   build-pulumi.sh
#   pulumi                               command line and engine: all that inline programs of the Automation API need
#   pulumi-resource-terraform-provider   the bridge that runs any Terraform provider on disk as a Pulumi package
# Needs Go 1.26 and 4 GiB of memory. About 410 CPU seconds from cold caches, 190 MB. The module proxy has few versions of these
# modules (of the newest, none): the ones pinned here it has, and the checksum database knows them.
set -euo pipefail
# shellcheck source=common.sh
. "$(cd "$(dirname "$0")" && pwd)/common.sh"

version=3.250.0 bridge=3.127.0
# What this bridge replaces the plugin SDK with, and what this engine replaces the clipboard library with.
sdk_fork=v2.0.0-20260318212141-5525259d096b clipboard_fork=v0.0.0-20241001131231-d02d263e614e
folder=$cache/pulumi/$version
engine_binary=$folder/pulumi
bridge_binary=$folder/pulumi-resource-terraform-provider
if [ -x "$engine_binary" ] && [ -x "$bridge_binary" ]; then echo "have $folder"; exit; fi
need_go 1.26
one_build pulumi
scratch
export GOFLAGS='-mod=mod -buildvcs=false'

# wrapped NAME: a module around another, from the requirements on standard input; `go install` refuses one with `replace` directives.
wrapped() {
  mkdir -p "$work/$1"
  cd "$work/$1"
  { printf 'module wrap\n\ngo 1.26.0\n\n'; cat; } > go.mod
}

if [ ! -x "$bridge_binary" ]; then
  wrapped bridge << MODULE
require github.com/pulumi/pulumi-terraform-bridge/v3 v$bridge

replace github.com/hashicorp/terraform-plugin-sdk/v2 => github.com/pulumi/terraform-plugin-sdk/v2 $sdk_fork
MODULE
  package=github.com/pulumi/pulumi-terraform-bridge/v3/dynamic
  go build -trimpath -ldflags "-s -w -X $package/version.version=v0.0.1" -o "$work/built" "$package"
  finish "$work/built" "$bridge_binary"
fi

if [ ! -x "$engine_binary" ]; then
  wrapped engine << MODULE
require github.com/pulumi/pulumi/pkg/v3 v$version

require github.com/pulumi/pulumi/sdk/v3 v$version

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard $clipboard_fork
MODULE
  go build -trimpath -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$version" \
    -o "$work/built" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
  finish "$work/built" "$engine_binary"
fi
PULUMI_SKIP_UPDATE_CHECK=true "$engine_binary" version
