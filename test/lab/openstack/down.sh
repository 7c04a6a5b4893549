#!/usr/bin/env bash
# Ends what up.sh started, by number and start time of each process, so that no other process is ever touched.
#   down.sh [--purge]      --purge also removes the lab's folder
set -u
# shellcheck source=parts/settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/parts/settings.sh"
# shellcheck source=parts/processes.sh
. "$here/parts/processes.sh"
# What is thrown away need not be put in order first.
[ "${1:-}" = --purge ] && patience=5
[ -d "$lab/run" ] || { echo "lab: nothing in $lab"; exit 0; }
exec 9> "$lab/lock"
flock -w 900 9 || die "up.sh has held $lab/lock for 15 minutes"

infrastructure=' database memcached rabbitmq epmd '
apis=()
for file in "$lab"/run/*.pid; do
  name=$(basename "$file" .pid)
  [ "$name" = '*' ] || [[ $infrastructure == *" $name "* ]] || apis+=("$name")
done
stop "${apis[@]-}"
stop rabbitmq database memcached
stop epmd
rm -f "$lab/services"
# The lock's file stays until last: another up.sh may wait for it.
if [ "${1:-}" = --purge ]; then rm -rf "$lab"; fi
echo 'lab: down'
