# shellcheck shell=bash
packages_barbican='barbican-api'
databases_barbican='barbican'
endpoint_barbican="key-manager http://127.0.0.1:$port_barbican"

configure_barbican() {
  # It reads ~/.barbican or /etc/barbican and nothing else, so it gets a home of its own.
  [ -s "$lab/state/barbican.key" ] || (umask 077 && openssl rand -base64 32 > "$lab/state/barbican.key")
  {
    cat << END
[DEFAULT]
use_stderr = true
transport_url = fake://
sql_connection = $(database_url barbican)
db_auto_create = false
host_href = http://127.0.0.1:$port_barbican
[queue]
enable = false
[secretstore]
enabled_secretstore_plugins = store_crypto
[crypto]
enabled_crypto_plugins = simple_crypto
[simple_crypto_plugin]
kek = $(cat "$lab/state/barbican.key")
END
    common barbican
    token_check barbican
  } | configuration barbican/.barbican/barbican.conf
}

migrate_barbican() { barbican-db-manage --dburl "$(database_url barbican)" upgrade; }

start_barbican() {
  wsgi barbican "$port_barbican" "$etc/barbican/.barbican/barbican.conf" /usr/bin/barbican-wsgi-api '' "HOME=$etc/barbican"
}

ready_barbican() { wait_for barbican 180 answers "$port_barbican"; }
