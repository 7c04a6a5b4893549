#!/usr/bin/env bash
# Builds OpenTofu from Go modules into CACHE/opentofu/VERSION/tofu:   build-opentofu.sh
# Needs Go 1.26.6. About 220 CPU seconds from cold caches (two processors: 2-3 minutes), 115 MB.
set -euo pipefail
# shellcheck source=common.sh
. "$(cd "$(dirname "$0")" && pwd)/common.sh"

version=1.12.6
module=github.com/opentofu/opentofu
binary=$cache/opentofu/$version/tofu
if [ -x "$binary" ]; then echo "have $binary"; exit; fi
need_go 1.26.6
one_build opentofu
if [ -x "$binary" ]; then echo "have $binary"; exit; fi
scratch
cd "$work"
export GOFLAGS='-mod=mod -buildvcs=false'
# `go install` refuses a module with `replace` directives, so a module around it repeats them.
printf 'module wrap\n\ngo 1.26.6\n\nrequire %s v%s\n' "$module" "$version" > go.mod
folder=$(module_folder "$module@v$version")
[ -n "$folder" ] || die "the module proxy does not have $module v$version"
grep '^replace ' "$folder/go.mod" >> go.mod || true
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$work/tofu" "$module/cmd/tofu"
finish "$work/tofu" "$binary"
"$binary" version
