#!/usr/bin/env bash
# Builds etcd, the Kubernetes API server, its controllers, its scheduler and kubectl as one program from Go modules:
#   build.sh        into CACHE/kubernetes/VERSION/kubernetes
# Needs Go 1.24. About 600 CPU seconds from cold caches (two processors: 5-6 minutes), 2.1 GB of memory, 130 MB.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../providers/common.sh
. "$here/../providers/common.sh"

version=1.34.4
# Kubernetes publishes its parts as modules of their own: 1.34.4 of the whole is 0.34.4 of each part.
parts=v0.${version#1.}
binary=$cache/kubernetes/$version/kubernetes
# Definitions of custom kinds, as their authors publish them with their programs (which the lab does not run): MODULE@VERSION FILE.
definitions='
github.com/vmware-tanzu/velero@v1.16.2 config/crd/v1/bases/velero.io_schedules.yaml
github.com/cert-manager/cert-manager@v1.18.2 deploy/crds/crd-certificates.yaml
github.com/external-secrets/external-secrets@v0.18.2 config/crds/bases/external-secrets.io_externalsecrets.yaml
github.com/external-secrets/external-secrets@v0.18.2 config/crds/bases/generators.external-secrets.io_passwords.yaml'
kinds=$cache/kubernetes/definitions/$(cksum <<< "$definitions" | cut -d' ' -f1)
if [ -x "$binary" ] && [ -d "$kinds" ]; then echo "have $binary"; exit; fi
need_go 1.24
one_build kubernetes
scratch
cd "$work"
export GOFLAGS='-mod=mod -buildvcs=false'

if [ ! -d "$kinds" ]; then
  mkdir -p "$work/definitions"
  while read -r module file; do
    [ -n "$module" ] || continue
    folder=$(cd / && module_folder "$module")
    [ -n "$folder" ] || die "the module proxy does not have $module"
    # One of them is a chart's template in its labels only.
    sed '/{{/d' "$folder/$file" > "$work/definitions/$(basename "$file")"
  done <<< "$definitions"
  mkdir -p "$(dirname "$kinds")"
  mv "$work/definitions" "$kinds"
  # Where up.sh looks.
  ln -sfn "$(basename "$kinds")" "$(dirname "$kinds")/current"
fi
if [ -x "$binary" ]; then echo "have $binary"; exit; fi
folder=$(module_folder "k8s.io/kubernetes@v$version")
[ -n "$folder" ] || die "the module proxy does not have k8s.io/kubernetes v$version"
# In its own repository the parts lie beside it (`replace ... => ./staging/...`); a program that requires it must say which they are.
{
  printf 'module lab\n\ngo 1.24.0\n\ngodebug default=go1.24\n\nrequire k8s.io/kubernetes v%s\n\n' "$version"
  sed -nE "s#^[[:space:]]*(k8s\.io/[a-z-]+) => \./staging/.*#replace \1 => \1 $parts#p" "$folder/go.mod"
} > go.mod
cp "$here/control-plane.go.txt" main.go
# The version stands in variables the release's own build sets; without them the server calls itself v0.0.0.
variables=''
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  for value in "gitVersion=v$version" gitMajor=1 "gitMinor=$(cut -d. -f2 <<< "$version")" gitTreeState=archive; do
    variables+=" -X $package.$value"
  done
done
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w$variables" -o "$work/built" .
finish "$work/built" "$binary"
"$binary" kubectl version --client
