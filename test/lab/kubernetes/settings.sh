# shellcheck shell=bash
# Where the Kubernetes of the lab lies and which ports it takes. Sourced by up.sh and down.sh.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../providers/common.sh
. "$here/../providers/common.sh"
# shellcheck disable=SC2034
lab=${VCLOUD_LAB:-/var/lib/vcloud-lab}/kubernetes
version=1.34.4
program=$cache/kubernetes/$version/kubernetes

# On 127.0.0.1 only, above the ports that test/lab/openstack takes of the same base.
ports=${VCLOUD_LAB_PORTS:-15000}
port_api=$((ports + 40)) port_etcd=$((ports + 41)) port_etcd_peer=$((ports + 42))

# Addresses of Services in both families. Nothing is routed: there is no data plane.
service_ranges=10.96.0.0/16,fd00:96::/112
service_address=10.96.0.1

export LC_ALL=C.UTF-8 no_proxy='*'
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY KUBECONFIG

die() { echo "lab: $*" >&2; exit 1; }
impossible() { echo "lab: $*" >&2; exit 3; }

# shellcheck source=../openstack/parts/processes.sh
. "$here/../openstack/parts/processes.sh"
# What was killed may stay in the table of processes until somebody asks for it; it is not running for that.
start_time() { awk '$3 != "Z" { print $22 }' "/proc/$1/stat" 2> /dev/null; }
