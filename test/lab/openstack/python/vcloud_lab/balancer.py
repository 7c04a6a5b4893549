"""Octavia's network driver: virtual addresses, networks and subnets are Neutron's own; plugging amphorae (there are none) does nothing.

The API sees only what Neutron has; the worker also accepts the made-up ports and networks of its make-believe amphorae.
"""
import functools
import sys

from octavia.network import base
from octavia.network.drivers.neutron import allowed_address_pairs
from octavia.network.drivers.noop_driver import driver as noop

neutron_reads = ('get_network', 'get_subnet', 'get_port')
neutron_does = ('allocate_vip', 'deallocate_vip', 'get_network_by_name', 'get_subnet_by_name', 'get_port_by_name', 'get_qos_policy',
                'get_network_ip_availability', 'qos_enabled')


not_in_neutron = set()


def either(of_neutron, made_up):
    def call(identity, context=None):
        if identity not in not_in_neutron:
            try:
                return of_neutron(identity, context=context)
            except (base.NetworkNotFound, base.SubnetNotFound, base.PortNotFound):
                # It never will be. The make-believe amphorae are asked about again and again, a thousand times for ten balancers.
                not_in_neutron.add(identity)
            except base.NetworkException:
                pass
        return made_up(identity)
    return call


@functools.cache
def driver_of_neutron():
    """One for a process: each new one first asks Neutron for three of its extensions, and every task makes itself a driver."""
    return allowed_address_pairs.AllowedAddressPairsDriver()


class LabNetworkDriver(noop.NoopNetworkDriver):
    def __init__(self):
        super().__init__()
        neutron = driver_of_neutron()
        is_worker = 'octavia-worker' in sys.argv[0]
        for name in neutron_reads:
            of_neutron = getattr(neutron, name)
            setattr(self, name, either(of_neutron, getattr(self, name)) if is_worker else of_neutron)
        for name in neutron_does:
            if callable(getattr(type(neutron), name, None)):
                setattr(self, name, getattr(neutron, name))
