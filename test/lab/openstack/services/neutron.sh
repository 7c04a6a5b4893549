# shellcheck shell=bash
# The API server with ML2; no agents, so no data plane. Ports are bound by the lab's own driver (python/vcloud_lab/ports.py).
packages_neutron='neutron-server'
databases_neutron='neutron'
endpoint_neutron="network http://127.0.0.1:$port_neutron"

configure_neutron() {
  local plugins=router,qos,trunk,port_forwarding,network_segment_range,metering provider=''
  if has vpnaas; then
    plugins+=,vpnaas
    provider='service_provider = VPN:lab:vcloud_lab.vpn.AlwaysUpDriver:default'
  fi
  if has bgp; then plugins+=,bgp; fi
  {
    # Nothing is sent to agents, so no queue is needed, also when other services have one.
    general fake://
    cat << END
bind_host = 127.0.0.1
bind_port = $port_neutron
auth_strategy = keystone
core_plugin = ml2
service_plugins = $plugins
dhcp_agent_notification = false
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
api_paste_config = /etc/neutron/api-paste.ini
max_allowed_address_pair = 100
max_routes = 300
dns_domain = lab.test.
[service_providers]
$provider
[quotas]
default_quota = -1
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_router = -1
quota_floatingip = -1
quota_security_group = -1
quota_security_group_rule = -1
quota_rbac_policy = -1
[ml2]
type_drivers = flat,vlan,vxlan,gre,local,geneve
tenant_network_types = vxlan
mechanism_drivers = vcloud_lab,openvswitch
extension_drivers = port_security,qos,dns_domain_ports
[ml2_type_flat]
flat_networks = *
[ml2_type_vlan]
network_vlan_ranges = physnet1:1:4094,physnet2:1:4094
[ml2_type_vxlan]
vni_ranges = 1:100000
[ml2_type_gre]
tunnel_id_ranges = 1:100000
[ml2_type_geneve]
vni_ranges = 100001:200000
END
    common neutron
    token_check neutron
    credentials placement placement
    credentials nova nova
  } | configuration neutron/neutron.conf
}

# VPN and BGP bring tables of their own: the mark of a migration names them, so that one added later is migrated too.
migration_neutron() { if has vpnaas; then printf -- -vpnaas; fi; if has bgp; then printf -- -bgp; fi; }
migrate_neutron() { neutron-db-manage --config-file "$etc/neutron/neutron.conf" upgrade heads; }

start_neutron() {
  wsgi neutron "$port_neutron" "$etc/neutron/neutron.conf" "$lab/python/vcloud_lab/neutron_application.py" "--config-file=$etc/neutron/neutron.conf"
}

ready_neutron() { wait_for neutron 180 answers "$port_neutron"; }
