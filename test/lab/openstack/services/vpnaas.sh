# shellcheck shell=bash
# A plugin of Neutron's: services/neutron.sh configures it.
packages_vpnaas='python3-neutron-vpnaas neutron-vpnaas-common'
