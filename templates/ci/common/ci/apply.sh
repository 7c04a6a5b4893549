#!/bin/sh
# Applies the artefact of plan.sh, out/ci/plan.tar.gz, and nothing else: vcloud refuses it when anything it follows
# from changed since, or when approvals are missing. Approvals given on a reviewer's machine come with the repository, as
# approvals/PLAN/*.json. Exit codes are those of `vcloud apply`; 2 says that other stacks wait for the next plan.
set -eu
# Whoever planned made the artefact: nothing but the plan and the log of it is taken from there, never a policy or a script.
directory=$(tar -xzOf out/ci/plan.tar.gz out/ci/directory)
if ! printf '%s\n' "$directory" | grep -qx '\.vcloud/plans/[0-9a-f]\{16\}' || [ "$(printf '%s\n' "$directory" | wc -l)" != 1 ]; then
  echo "out/ci/plan.tar.gz names no plan directory: $directory" >&2
  exit 1
fi
tar -xzpf out/ci/plan.tar.gz "$directory"
[ -f .vcloud/log.ndjson ] || tar -xzpf out/ci/plan.tar.gz .vcloud/log.ndjson 2> /dev/null || true
approvals=approvals/$(basename "$directory")
if [ -d "$approvals" ]; then
  mkdir -p "$directory/approvals"
  cp "$approvals"/*.json "$directory/approvals/"
fi
exec npx --no-install vcloud apply "$directory" ${VCLOUD_IDENTITY:+--identity "$VCLOUD_IDENTITY"}
