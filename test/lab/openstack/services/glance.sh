# shellcheck shell=bash
packages_glance='glance-api'
databases_glance='glance'
endpoint_glance="image http://127.0.0.1:$port_glance"

configure_glance() {
  {
    cat << END
[DEFAULT]
use_stderr = true
bind_host = 127.0.0.1
bind_port = $port_glance
workers = 1
enabled_backends = files:file
enabled_import_methods = [glance-direct,web-download]
show_image_direct_url = true
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = $lab/state/glance/images
[os_glance_staging_store]
filesystem_store_datadir = $lab/state/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $lab/state/glance/tasks
[paste_deploy]
flavor = keystone
config_file = /etc/glance/glance-api-paste.ini
[import_filtering_opts]
allowed_ports = []
disallowed_ports = [22]
END
    common glance
    token_check glance
  } | configuration glance/glance-api.conf
  mkdir -p "$lab/state/glance/images" "$lab/state/glance/staging" "$lab/state/glance/tasks"
}

migrate_glance() {
  glance-manage --config-file "$etc/glance/glance-api.conf" db_sync
  glance-manage --config-file "$etc/glance/glance-api.conf" db_load_metadefs /etc/glance/metadefs
}

# Its own server: images come in chunks, which uWSGI does not pass on.
start_glance() { start glance-api "$etc/glance/glance-api.conf" /usr/bin/glance-api --config-file "$etc/glance/glance-api.conf"; }
ready_glance() { wait_for glance-api 180 answers "$port_glance"; }
