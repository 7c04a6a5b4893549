#!/bin/sh
# Checks, plans and audits what a merge request declares. Leaves in out/ci:
#   plan.tar.gz   the plan directory: the very artefact apply.sh applies (plans hold secrets: keep it private;
#                 with VCLOUD_RECIPIENT set, an age public key, it is encrypted)
#   summary.md    what people review, for the comment
#   audit.sarif   findings, for the code host
# With VCLOUD_PLANNER_KEY set (file:PATH of the pipeline's own key, a principal of policies/approvals.yaml), it is signed who
# planned, and rules that keep planner and approver apart hold in apply.sh too.
# Exit 0: planned, with or without differences. 1: something is wrong and is printed.
set -u
out=out/ci
rm -rf "$out" && mkdir -p "$out" || exit 1
vcloud() { npx --no-install vcloud "$@"; }

vcloud check || exit 1

vcloud plan ${VCLOUD_RECIPIENT:+--encrypt-to "$VCLOUD_RECIPIENT"} ${VCLOUD_PLANNER_KEY:+--key "$VCLOUD_PLANNER_KEY"} --json > "$out/plan.json"
if [ $? = 1 ]; then
  cat "$out/plan.json" >&2
  exit 1
fi
directory=$(node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).data.directory ?? ""' "$out/plan.json")
vcloud show "$directory" --format markdown > "$out/summary.md" || [ $? = 2 ] || exit 1

# Findings are shown, and decide nothing here: what must hold is a rule of `vcloud check` or an approval.
if [ -f policies/rules.yaml ]; then
  vcloud audit run --format sarif > "$out/audit.sarif" || [ $? = 2 ] || exit 1
else
  echo '{"version": "2.1.0", "runs": []}' > "$out/audit.sarif"
fi

printf '%s\n' "$directory" > "$out/directory"
# The log is the trace of this plan; apply goes on with it.
log=
[ -f .vcloud/log.ndjson ] && log=.vcloud/log.ndjson
umask 077
tar -czf "$out/plan.tar.gz" "$out/directory" "$directory" $log
