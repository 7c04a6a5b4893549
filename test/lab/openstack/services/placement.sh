# shellcheck shell=bash
packages_placement='placement-api'
databases_placement='placement'
endpoint_placement="placement http://127.0.0.1:$port_placement"

configure_placement() {
  {
    printf '[DEFAULT]\nuse_stderr = true\n[placement_database]\nconnection = %s\n' "$(database_url placement)"
    token_check placement
  } | configuration placement/placement.conf
}

migrate_placement() { placement-manage --config-file "$etc/placement/placement.conf" db sync; }

start_placement() {
  wsgi placement "$port_placement" "$etc/placement/placement.conf" /usr/bin/placement-api '' "OS_PLACEMENT_CONFIG_DIR=$etc/placement"
}

ready_placement() { wait_for placement 180 answers "$port_placement"; }
