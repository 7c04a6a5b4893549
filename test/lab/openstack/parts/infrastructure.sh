# shellcheck shell=bash
# Database, cache and queue.

socket=$lab/run/database.sock
sql() { mariadb --no-defaults -uroot -S "$socket" "$@"; }

start_database() {
  if [ ! -d "$lab/database/mysql" ]; then
    mkdir -p "$lab/database"
    chown mysql:mysql "$lab/database"
    timeout 120 mariadb-install-db --no-defaults --user=mysql --datadir="$lab/database" --auth-root-authentication-method=normal \
      --skip-test-db > "$lab/log/database-install.log" 2>&1 9>&-
  fi
  chown mysql "$lab/run" "$lab/tmp"
  # Nothing here needs to survive a power cut: no binary log, no sync.
  start database - mariadbd --no-defaults --user=mysql --datadir="$lab/database" --socket="$socket" --bind-address=127.0.0.1 \
    --port="$port_database" --tmpdir="$lab/tmp" --pid-file="$lab/tmp/database.pid" --skip-log-bin --skip-name-resolve --max-connections=800 \
    --performance-schema=OFF --innodb-buffer-pool-size=256M --innodb-log-file-size=64M --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --innodb-flush-method=O_DIRECT_NO_FSYNC --character-set-server=utf8mb3 \
    --collation-server=utf8mb3_general_ci --aria-pagecache-buffer-size=16M
}

create_databases() {
  local service name variable
  for service in $services; do
    variable=databases_$service
    for name in ${!variable-}; do
      echo "CREATE DATABASE IF NOT EXISTS $name; GRANT ALL ON $name.* TO 'openstack'@'127.0.0.1' IDENTIFIED BY '$password';"
    done
  done | sql
}

start_cache() { start memcached - memcached -u root -l 127.0.0.1 -p "$port_memcached" -U 0 -m 64; }

# Keystone and Neutron alone have nobody to send messages to.
needs_queue() { has nova || has designate || has octavia || has cinder; }

start_queue() {
  local folder=$lab/queue
  mkdir -p "$folder"
  : > "$folder/env"
  echo '[].' > "$folder/enabled_plugins"
  [ -s "$folder/.erlang.cookie" ] || (umask 077 && openssl rand -hex 16 > "$folder/.erlang.cookie")
  chmod 400 "$folder/.erlang.cookie"
  cat > "$folder/rabbitmq.conf" << END
listeners.tcp.1 = 127.0.0.1:$port_queue
default_user = lab
default_pass = $password
disk_free_limit.absolute = 100MB
log.console = true
log.file = false
END
  # A port mapper of its own: the one RabbitMQ would start by itself stays when the lab is gone.
  start epmd - env ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$port_epmd" epmd -address 127.0.0.1 -port "$port_epmd"
  start rabbitmq "$folder/rabbitmq.conf" env HOME="$folder" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$port_epmd" \
    RABBITMQ_NODENAME="lab$ports@localhost" RABBITMQ_DIST_PORT="$port_queue_nodes" RABBITMQ_CONF_ENV_FILE="$folder/env" \
    RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$folder/mnesia" RABBITMQ_LOG_BASE="$folder/log" RABBITMQ_PID_FILE="$folder/pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

queue_ready() { (exec 3<> "/dev/tcp/127.0.0.1/$port_queue") 9>&-; }
