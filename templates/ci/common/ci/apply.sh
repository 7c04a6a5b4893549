#!/bin/sh
# Applies the artefact of plan.sh, out/ci/plan.tar.gz, and nothing else: vcloud refuses it when anything it follows
# from changed since, or when approvals are missing. Approvals given on a reviewer's machine come with the repository, as
# approvals/PLAN/*.json. Exit codes are those of `vcloud apply`; 2 says that other stacks wait for the next plan.
set -eu
tar -xzpf out/ci/plan.tar.gz
directory=$(cat out/ci/directory)
approvals=approvals/$(basename "$directory")
if [ -d "$approvals" ]; then
  mkdir -p "$directory/approvals"
  cp "$approvals"/*.json "$directory/approvals/"
fi
exec npx --no-install vcloud apply "$directory" ${VCLOUD_IDENTITY:+--identity "$VCLOUD_IDENTITY"}
