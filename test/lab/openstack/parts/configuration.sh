# shellcheck shell=bash
# Sections that the services' configuration files have in common.

# configuration FILE: standard input becomes $etc/FILE.
etc=$lab/etc
configuration() { mkdir -p "$(dirname "$etc/$1")" && cat > "$etc/$1"; }

database_url() { echo "mysql+pymysql://openstack:$password@127.0.0.1:$port_database/$1"; }
queue_url() { echo "rabbit://lab:$password@127.0.0.1:$port_queue/"; }

# credentials SECTION USER: how a service logs in to Keystone.
credentials() {
  cat << END
[$1]
auth_type = password
auth_url = $auth_url
username = $2
password = $password
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $region
END
}

# token_check USER: how a service checks the tokens it is given.
token_check() {
  credentials keystone_authtoken "$1"
  cat << END
www_authenticate_uri = $auth_url
memcached_servers = 127.0.0.1:$port_memcached
token_cache_time = 3600
service_token_roles_required = true
END
}

# common DATABASE: what every service of the oslo family reads.
common() {
  cat << END
[database]
connection = $(database_url "$1")
max_pool_size = 10
max_overflow = 20
[oslo_concurrency]
lock_path = $lab/state/lock
[oslo_messaging_notifications]
driver = noop
[oslo_messaging_rabbit]
heartbeat_timeout_threshold = 0
END
}

# general QUEUE-URL: the head of a [DEFAULT] section.
general() {
  cat << END
[DEFAULT]
use_stderr = true
debug = ${VCLOUD_LAB_DEBUG:-false}
transport_url = $1
state_path = $lab/state
END
}
