# shellcheck shell=bash
# API, scheduler and one volume service with Cinder's own fake backend: volumes have states, no storage is used.
packages_cinder='cinder-api cinder-scheduler'
databases_cinder='cinder'
endpoint_cinder="block-storage http://127.0.0.1:$port_cinder/v3/%(project_id)s"

configure_cinder() {
  {
    general "$(queue_url)"
    cat << END
host = lab-volume-0
my_ip = 127.0.0.1
auth_strategy = keystone
api_paste_config = /etc/cinder/api-paste.ini
resource_query_filters_file = /etc/cinder/resource_filters.json
enabled_backends = fake
default_volume_type = fake
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
glance_api_servers = http://127.0.0.1:$port_glance
[fake]
volume_driver = cinder.tests.fake_driver.FakeLoggingVolumeDriver
volume_backend_name = fake
[coordination]
backend_url = file://$lab/state/cinder-coordination
END
    common cinder
    token_check cinder
    credentials nova nova
    credentials service_user cinder
    echo 'send_service_user_token = true'
  } | configuration cinder/cinder.conf
  mkdir -p "$lab/state/cinder-coordination"
}

migrate_cinder() { cinder-manage --config-file "$etc/cinder/cinder.conf" db sync; }

start_cinder() {
  local file=$etc/cinder/cinder.conf
  wsgi cinder-api "$port_cinder" "$file" /usr/bin/cinder-wsgi "--config-file=$file"
  start cinder-scheduler "$file" /usr/bin/cinder-scheduler --config-file "$file"
  start cinder-volume "$file" /usr/bin/python3 -m vcloud_lab.daemon cinder-volume cinder.cmd.volume --config-file "$file"
}

ready_cinder() {
  wait_for cinder-api 180 answers "$port_cinder"
  once cinder-type timeout 60 /usr/bin/python3 "$here/python/volume_type.py" "$lab/clouds.yaml"
}
