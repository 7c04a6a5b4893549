#!/usr/bin/env bash
# Ends what up.sh started, by number and start time of each process, so that no other process is ever touched.
#   down.sh [--purge]      --purge also removes the lab's folder
set -u
# shellcheck source=settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
[ -d "$lab/run" ] || { echo "lab: nothing in $lab"; exit 0; }
exec 9> "$lab/lock"
flock -w 300 9 || die "up.sh has held $lab/lock for 5 minutes"
stop scheduler controllers
stop apiserver
stop etcd
if [ "${1:-}" = --purge ]; then rm -rf "$lab"; fi
echo 'lab: down'
