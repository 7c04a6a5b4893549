# shellcheck shell=bash
packages_keystone='keystone'
databases_keystone='keystone'

configure_keystone() {
  # Four rounds of bcrypt: a log-in then costs 0.05 s instead of seconds, and nobody attacks these passwords.
  configuration keystone/keystone.conf << END
[DEFAULT]
use_stderr = true
debug = ${VCLOUD_LAB_DEBUG:-false}
[database]
connection = $(database_url keystone)
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$port_memcached
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $lab/state/keystone/fernet
[credential]
key_repository = $lab/state/keystone/credential
[identity]
password_hash_rounds = 4
END
}

migrate_keystone() {
  local manage="keystone-manage --config-file $etc/keystone/keystone.conf"
  mkdir -p "$lab/state/keystone/fernet" "$lab/state/keystone/credential"
  chmod 700 "$lab/state/keystone/fernet" "$lab/state/keystone/credential"
  $manage db_sync
  $manage fernet_setup --keystone-user root --keystone-group root
  $manage credential_setup --keystone-user root --keystone-group root
  $manage bootstrap --bootstrap-password "$password" --bootstrap-region-id "$region" \
    --bootstrap-admin-url "$auth_url" --bootstrap-internal-url "$auth_url" --bootstrap-public-url "$auth_url"
}

start_keystone() {
  wsgi keystone "$port_keystone" "$etc/keystone/keystone.conf" /usr/bin/keystone-wsgi-public '' \
    "OS_KEYSTONE_CONFIG_FILES=$etc/keystone/keystone.conf"
}

ready_keystone() { wait_for keystone 180 answers "$port_keystone"; }
