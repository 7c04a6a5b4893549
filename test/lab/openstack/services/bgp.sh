# shellcheck shell=bash
# A plugin of Neutron's: services/neutron.sh configures it.
packages_bgp='python3-neutron-dynamic-routing neutron-dynamic-routing-common'
