# shellcheck shell=bash
# All of Designate and a BIND of its own: a zone really travels from its mdns by AXFR to BIND, where dig finds it.
packages_designate='designate-api designate-central designate-worker designate-producer designate-mdns bind9 bind9-utils bind9-dnsutils'
databases_designate='designate'
endpoint_designate="dns http://127.0.0.1:$port_designate"

configure_designate() {
  local named=$lab/state/named
  mkdir -p "$named"
  {
    general "$(queue_url)"
    cat << END
quota_zones = 1000000
quota_zone_recordsets = 1000000
quota_zone_records = 1000000
[service:api]
listen = 127.0.0.1:$port_designate
api_base_uri = http://127.0.0.1:$port_designate
auth_strategy = keystone
api_paste_config = /etc/designate/api-paste.ini
enable_api_v2 = true
enable_api_admin = true
enable_host_header = false
enabled_extensions_admin = quotas,reports
workers = 1
[service:central]
workers = 1
[service:mdns]
workers = 1
listen = 127.0.0.1:$port_mdns
[service:worker]
workers = 1
threads = 20
poll_timeout = 5
poll_retry_interval = 1
poll_max_retries = 10
poll_delay = 0
[service:producer]
workers = 1
[storage:sqlalchemy]
connection = $(database_url designate)
END
    common designate
    token_check designate
  } | configuration designate/designate.conf
  [ -s "$etc/designate/rndc.key" ] || printf 'key "lab" {\n  algorithm hmac-sha256;\n  secret "%s";\n};\n' "$(openssl rand -base64 32)" > "$etc/designate/rndc.key"
  configuration designate/named.conf << END
include "$etc/designate/rndc.key";
controls { inet 127.0.0.1 port $port_rndc allow { 127.0.0.1; } keys { "lab"; }; };
options {
  directory "$named"; pid-file "$named/named.pid"; session-keyfile "$named/session.key"; managed-keys-directory "$named";
  listen-on port $port_dns { 127.0.0.1; }; listen-on-v6 { none; };
  allow-new-zones yes; recursion no; dnssec-validation no; request-ixfr no; minimal-responses yes; notify no; allow-notify { 127.0.0.1; };
  query-source address 127.0.0.1; transfer-source 127.0.0.1; notify-source 127.0.0.1;
};
END
  configuration designate/pools.yaml << END
- name: default
  description: lab pool
  attributes: {}
  ns_records:
    - {hostname: ns1.lab.test., priority: 1}
  nameservers:
    - {host: 127.0.0.1, port: $port_dns}
  targets:
    - type: bind9
      masters:
        - {host: 127.0.0.1, port: $port_mdns}
      options: {host: 127.0.0.1, port: $port_dns, rndc_host: 127.0.0.1, rndc_port: $port_rndc, rndc_key_file: $etc/designate/rndc.key}
END
}

migrate_designate() { designate-manage --config-file "$etc/designate/designate.conf" database sync; }

start_designate() {
  local part file=$etc/designate/designate.conf
  start named "$etc/designate/named.conf" named -g -c "$etc/designate/named.conf" -n 1
  for part in central api mdns worker; do start "designate-$part" "$file" "/usr/bin/designate-$part" --config-file "$file"; done
}

# The producer calls central as soon as it runs, so it is last.
ready_designate() {
  local file=$etc/designate/designate.conf
  wait_for designate-api 180 answers "$port_designate"
  once designate-pools timeout 120 designate-manage --config-file "$file" pool update --file "$etc/designate/pools.yaml" > "$lab/log/designate-pools.log" 2>&1
  start designate-producer "$file" /usr/bin/designate-producer --config-file "$file"
}
