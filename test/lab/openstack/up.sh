#!/usr/bin/env bash
# A real OpenStack control plane (Zed, Debian 12's own packages) on 127.0.0.1:
#   up.sh [--no-install] [SERVICE...]     keystone neutron vpnaas by default; "all" for every one; what runs already stays
#
# SERVICE: keystone neutron vpnaas bgp placement glance nova cinder designate octavia barbican (what one needs comes with it)
# Everything lies in $VCLOUD_LAB/openstack (/var/lib/vcloud-lab/openstack): clouds.yaml (cloud "lab", an administrator), log/, timings.txt.
# Safe to run again: what runs stays, what died or was configured anew starts. Several at once take turns. down.sh ends it.
# Exit code: 0 it runs, 3 it cannot run here (the reason is on stderr), 1 it should run here and does not.
set -euo pipefail
# shellcheck source=parts/settings.sh
. "$(dirname "${BASH_SOURCE[0]}")/parts/settings.sh"

impossible() { echo "lab: $*" >&2; exit 3; }
install=1 wanted=''
for argument; do
  case $argument in
    --no-install) install='' ;;
    all) wanted+=" $all_services" ;;
    *) [[ " $all_services " == *" $argument "* ]] || die "there is no service $argument: $all_services"; wanted+=" $argument" ;;
  esac
done
[ -n "$wanted" ] || wanted=$default_services
[ "$(id -u)" = 0 ] || impossible 'needs root: the database runs as a user of its own'
command -v apt-get > /dev/null || impossible 'needs Debian: the servers are its packages'

umask 022
mkdir -p "$lab"/{etc,log,run,tmp,state/lock,done,python}
exec 9> "$lab/lock"
flock -w 900 9 || die "another up.sh has held $lab/lock for 15 minutes"

# What another process asked for earlier stays.
[ -f "$lab/services" ] && wanted+=" $(cat "$lab/services")"
wants() { [[ " $wanted " == *" $1 "* ]]; }
if wants nova; then wanted+=' placement glance neutron'; fi
if wants octavia || wants vpnaas || wants bgp; then wanted+=' neutron'; fi
wanted+=' keystone'
services=''
for service in $all_services; do if wants "$service"; then services+="$service "; fi; done
has() { [[ " $services" == *" $1 "* ]]; }
each() { # each PREFIX: the step of every service that has one
  local service
  for service in $services; do if declare -F "$1_$service" > /dev/null; then "$1_$service"; fi; done
}

for part in processes packages configuration infrastructure; do
  # shellcheck source=/dev/null
  . "$here/parts/$part.sh"
done
for service in $services; do
  # shellcheck source=/dev/null
  . "$here/services/$service.sh"
done

: > "$lab/timings.txt"
lap=$SECONDS
done_with() { printf '%4d s (+%d) %s\n' "$SECONDS" $((SECONDS - lap)) "$*" | tee -a "$lab/timings.txt"; lap=$SECONDS; }

mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  [ -n "$install" ] || impossible "not installed: ${missing[*]} (npm run lab:up installs them)"
  install_packages "${missing[@]}"
fi
done_with packages

[ -s "$lab/password" ] || (umask 077 && openssl rand -hex 12 > "$lab/password")
password=$(cat "$lab/password")
rm -rf "$lab/python" && cp -r "$here/python" "$lab/python"

start_database
start_cache
if needs_queue; then start_queue; fi
wait_for database 180 sql -e 'select 1'
create_databases
done_with 'database and cache'

each configure
(umask 077 && cat > "$lab/clouds.yaml.new" << END
clouds:
  lab:
    region_name: $region
    identity_api_version: 3
    auth: {auth_url: "$auth_url", username: admin, password: "$password", project_name: admin, user_domain_name: Default, project_domain_name: Default}
END
)
mv "$lab/clouds.yaml.new" "$lab/clouds.yaml"

# migrate SERVICE: tables of the first start, once.
migrate() {
  local service=$1 mark
  mark=$lab/done/tables-$service$(if declare -F "migration_$service" > /dev/null; then "migration_$service"; fi)
  declare -F "migrate_$service" > /dev/null && [ ! -e "$mark" ] || return 0
  # A shell of its own keeps `set -e` in force; a migration that hangs is ended with all it started.
  export -f "migrate_$service" database_url
  if lab=$lab etc=$etc password=$password port_database=$port_database auth_url=$auth_url region=$region \
    timeout 400 bash -euc "migrate_$service" > "$lab/log/tables-$service.log" 2>&1 9>&-; then
    touch "$mark"
  else
    tail -8 "$lab/log/tables-$service.log" >&2
    die "the tables of $service were not made: $lab/log/tables-$service.log"
  fi
}
# Keystone's and Neutron's at a time: each is one busy processor.
migrate keystone & first=$!
if has neutron; then migrate neutron; fi
wait $first
start_keystone
for service in $services; do migrate "$service"; done
done_with 'database tables'

ready_keystone
endpoints=()
for service in $services; do
  variable=endpoint_$service
  if [ -n "${!variable:-}" ]; then endpoints+=("$service ${!variable}"); fi
done
once "registered-$(printf '%s\n' "${endpoints[@]-}" | cksum | cut -d' ' -f1)" \
  timeout 300 /usr/bin/python3 "$here/python/register.py" "$lab/clouds.yaml" "${endpoints[@]-}"
done_with 'Keystone answers, services registered'

if needs_queue; then wait_for rabbitmq 180 queue_ready; fi
each start
each ready
echo "$services" > "$lab/services"
done_with 'ready'
echo "export OS_CLOUD=lab OS_CLIENT_CONFIG_FILE=$lab/clouds.yaml"
