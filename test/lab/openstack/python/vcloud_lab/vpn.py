"""The stock IPsec driver of VPNaaS, which also plays the agent's part and reports everything up at once.

It works in contexts of its own: reads in the request's context would leave its session inside a transaction, and Neutron
answers 500 when it then commits the reservation of the quota. The stock driver alone works, but stays PENDING_CREATE.
"""
import contextlib

from neutron_lib import context as neutron_context
from neutron_vpnaas.services.vpn.service_drivers import ipsec


@contextlib.contextmanager
def administrator():
    context = neutron_context.get_admin_context()
    try:
        yield context
    finally:
        context.session.close()


class AlwaysUpDriver(ipsec.IPsecVPNDriver):
    def _report_up(self, service):
        plugin = self.service_plugin
        with administrator() as context:
            connections = plugin.get_ipsec_site_connections(context, filters={'vpnservice_id': [service]})
        up = {'status': 'ACTIVE', 'updated_pending_status': True}
        with administrator() as context:
            plugin.update_status_by_agent(
                context, [dict(up, id=service, ipsec_site_connections={each['id']: dict(up) for each in connections})])

    def create_vpnservice(self, context, vpnservice_dict):
        with administrator() as own:
            super().create_vpnservice(own, vpnservice_dict)
        self._report_up(vpnservice_dict['id'])

    def update_vpnservice(self, context, old_vpnservice, vpnservice):
        self._report_up(vpnservice['id'])

    def create_ipsec_site_connection(self, context, ipsec_site_connection):
        self._report_up(ipsec_site_connection['vpnservice_id'])

    def update_ipsec_site_connection(self, context, old_ipsec_site_connection, ipsec_site_connection):
        self._report_up(ipsec_site_connection['vpnservice_id'])

    def delete_vpnservice(self, context, vpnservice):
        pass

    def delete_ipsec_site_connection(self, context, ipsec_site_connection):
        pass
