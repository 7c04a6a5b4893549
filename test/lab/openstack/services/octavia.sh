# shellcheck shell=bash
# API and worker; virtual addresses are Neutron ports, the machines behind them are not there (python/vcloud_lab/balancer.py).
packages_octavia='octavia-api'
databases_octavia='octavia'
endpoint_octavia="load-balancer http://127.0.0.1:$port_octavia"

# Where Octavia takes certificates of TLS from: the key store if this lab has one.
octavia_certificates() {
  if has barbican; then
    printf 'cert_manager = barbican_cert_manager\nbarbican_auth = barbican_acl_auth\nregion_name = RegionOne\n'
  else
    echo 'cert_manager = local_cert_manager'
  fi
}

configure_octavia() {
  local ca=$lab/state/octavia
  mkdir -p "$ca"
  [ -s "$ca/ca.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=lab -keyout "$ca/ca.key" -out "$ca/ca.pem" 2> /dev/null
  {
    general "$(queue_url)"
    cat << END
[api_settings]
bind_host = 127.0.0.1
bind_port = $port_octavia
auth_strategy = keystone
enabled_provider_drivers = amphora: The Octavia Amphora driver, octavia: alias
default_provider_driver = amphora
allow_tls_terminated_listeners = true
[controller_worker]
workers = 1
amp_boot_network_list = 00000000-0000-0000-0000-000000000001
amp_image_tag = amphora
amp_flavor_id = 1
client_ca = $ca/ca.pem
amphora_driver = amphora_noop_driver
compute_driver = compute_noop_driver
network_driver = vcloud_lab
volume_driver = volume_noop_driver
image_driver = image_noop_driver
distributor_driver = distributor_noop_driver
amp_active_retries = 5
amp_active_wait_sec = 1
loadbalancer_topology = SINGLE
[certificates]
cert_generator = local_cert_generator
$(octavia_certificates)
ca_certificate = $ca/ca.pem
ca_private_key = $ca/ca.key
server_certs_key_passphrase = insecure-key-do-not-use-this-key
[health_manager]
heartbeat_key = lab
[oslo_messaging]
topic = octavia_prov
[driver_agent]
status_socket_path = $lab/run/octavia-status.sock
stats_socket_path = $lab/run/octavia-stats.sock
get_socket_path = $lab/run/octavia-get.sock
[task_flow]
engine = parallel
max_workers = 5
jobboard_enabled = false
END
    common octavia
    token_check octavia
    credentials service_auth octavia
  } | configuration octavia/octavia.conf
}

migrate_octavia() { octavia-db-manage --config-file "$etc/octavia/octavia.conf" upgrade head; }

start_octavia() {
  local file=$etc/octavia/octavia.conf
  wsgi octavia-api "$port_octavia" "$file" "$lab/python/vcloud_lab/octavia_application.py" "--config-file=$file"
  start octavia-worker "$file" /usr/bin/python3 -m vcloud_lab.daemon octavia-worker vcloud_lab.octavia_worker --config-file "$file"
}

ready_octavia() { wait_for octavia-api 180 answers "$port_octavia"; }
