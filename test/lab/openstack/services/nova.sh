# shellcheck shell=bash
# API, conductor, scheduler and one compute service whose hypervisor is Nova's own fake: servers have states and ports, no machine runs.
packages_nova='nova-api nova-conductor nova-scheduler'
databases_nova='nova_api nova nova_cell0'
endpoint_nova="compute http://127.0.0.1:$port_nova/v2.1"

configure_nova() {
  {
    general "$(queue_url)"
    cat << END
my_ip = 127.0.0.1
host = lab-compute-0
instances_path = $lab/state/nova-instances
compute_driver = fake.FakeDriver
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
osapi_compute_workers = 1
allow_resize_to_same_host = true
cpu_allocation_ratio = 16.0
ram_allocation_ratio = 4.0
disk_allocation_ratio = 4.0
resume_guests_state_on_host_boot = false
[api_database]
connection = $(database_url nova_api)
[quota]
instances = -1
cores = -1
ram = -1
key_pairs = -1
server_groups = -1
server_group_members = -1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 60
[filter_scheduler]
track_instance_changes = false
[conductor]
workers = 1
[vnc]
enabled = false
[wsgi]
api_paste_config = /etc/nova/api-paste.ini
[cinder]
os_region_name = $region
catalog_info = volumev3::publicURL
END
    common nova
    token_check nova
    credentials placement placement
    credentials neutron neutron
    credentials glance nova
    credentials service_user nova
    echo 'send_service_user_token = true'
  } | configuration nova/nova.conf
  # The WSGI application looks for it beside nova.conf, whatever nova.conf says.
  cp /etc/nova/api-paste.ini "$etc/nova/"
  mkdir -p "$lab/state/nova-instances"
}

migrate_nova() {
  local manage="nova-manage --config-file $etc/nova/nova.conf"
  $manage api_db sync
  $manage cell_v2 map_cell0 --database_connection "$(database_url nova_cell0)"
  $manage cell_v2 list_cells | grep -q cell1 || $manage cell_v2 create_cell --name cell1
  $manage db sync
}

start_nova() {
  local file=$etc/nova/nova.conf
  wsgi nova-api "$port_nova" "$file" /usr/bin/nova-api-wsgi '' "OS_NOVA_CONFIG_DIR=$etc/nova"
  start nova-conductor "$file" /usr/bin/nova-conductor --config-file "$file"
  start nova-scheduler "$file" /usr/bin/nova-scheduler --config-file "$file"
}

# The package of the compute daemon pulls in libvirt; the daemon itself is in python3-nova.
ready_nova() {
  wait_for nova-api 180 answers "$port_nova"
  start nova-compute "$etc/nova/nova.conf" /usr/bin/python3 -m vcloud_lab.daemon nova-compute vcloud_lab.compute --config-file "$etc/nova/nova.conf"
  wait_for nova-compute 180 hypervisor_known
  once nova-discover timeout 60 nova-manage --config-file "$etc/nova/nova.conf" cell_v2 discover_hosts > "$lab/log/nova-discover.log" 2>&1
}

hypervisor_known() { sql -N -e 'select 1 from nova.compute_nodes' | grep -q 1; }
