# shellcheck shell=bash
# Where the lab lies, which ports it takes and which services it has. Sourced by up.sh and down.sh.

lab=${VCLOUD_LAB:-/var/lib/vcloud-lab}/openstack
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Everything listens on 127.0.0.1, on ports counted from $VCLOUD_LAB_PORTS: below the range the kernel hands out to clients, and
# another base with another $VCLOUD_LAB gives a second lab beside the first.
ports=${VCLOUD_LAB_PORTS:-15000}
port_keystone=$ports port_neutron=$((ports + 1)) port_nova=$((ports + 2)) port_placement=$((ports + 3)) port_glance=$((ports + 4))
port_cinder=$((ports + 5)) port_designate=$((ports + 6)) port_octavia=$((ports + 7)) port_barbican=$((ports + 8))
port_database=$((ports + 10)) port_memcached=$((ports + 11)) port_queue=$((ports + 12)) port_queue_nodes=$((ports + 13)) port_epmd=$((ports + 14))
port_dns=$((ports + 15)) port_rndc=$((ports + 16)) port_mdns=$((ports + 17))

region=RegionOne
auth_url=http://127.0.0.1:$port_keystone/v3
all_services='keystone neutron vpnaas bgp placement glance nova cinder designate octavia barbican'
default_services='keystone neutron vpnaas'
workers=${VCLOUD_LAB_WORKERS:-2}

# Debian's Python has the services; one of a version manager earlier on PATH has not. Proxies never lead to loopback.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive no_proxy='*'
unset PYTHONHOME PYENV_VERSION http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export PYTHONPATH=$lab/python PYTHONDONTWRITEBYTECODE=1

die() { echo "lab: $*" >&2; exit 1; }
