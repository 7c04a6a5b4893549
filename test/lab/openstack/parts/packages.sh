# shellcheck shell=bash
# Debian's packages of the wanted services.

base_packages='mariadb-server memcached python3-pymysql python3-memcache python3-pymemcache python3-openstacksdk
  uwsgi-core uwsgi-plugin-python3 curl ca-certificates openssl procps'
queue_packages='rabbitmq-server'

missing_packages() {
  local package
  for package in $(wanted_packages); do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || echo "$package"
  done
}

wanted_packages() {
  local service variable
  # shellcheck disable=SC2086 # lists of words
  echo $base_packages
  if needs_queue; then echo "$queue_packages"; fi
  for service in $services; do
    variable=packages_$service
    # shellcheck disable=SC2086
    echo ${!variable-}
  done
}

# Package scripts must start nothing: the lab's daemons have files of their own. What was there before is put back.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made='' failed=0
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
    made=1
  fi
  {
    timeout 300 apt-get -o DPkg::Lock::Timeout=280 update -q \
      && timeout 1200 apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        install -y --no-install-recommends "$@" < /dev/null
  } > "$lab/log/apt.log" 2>&1 9>&- || failed=1
  [ -n "$made" ] && rm -f $policy
  [ $failed = 0 ] || { tail -20 "$lab/log/apt.log" >&2; exit 3; }
}
