"""Neutron's API as a WSGI application for plain uWSGI processes. There are no agents, so no RPC server is needed.

What users see stays as it is; what is left out is work for listeners that a lab does not have, and work done twice.
"""
from sqlalchemy.orm import relationships

_declare = relationships.RelationshipProperty.__init__


def _by_keys(self, *args, **options):
    # What belongs to an object is read by its key (as later releases of Neutron do) and not by running the query for the object
    # anew inside another for every relation it has: half the work of a request. Port forwardings are asked of a new floating IP
    # when its session is over; so are tags of some kinds, for which see below.
    target = getattr(args[0], 'class_', args[0]) if args else None
    if options.get('lazy') == 'subquery' and getattr(target, '__name__', '') != 'PortForwarding':
        options['lazy'] = 'selectin'
    _declare(self, *args, **options)


# Before any model is declared.
relationships.RelationshipProperty.__init__ = _by_keys

from neutron import server  # noqa: E402
from neutron.objects import base  # noqa: E402
from neutron.plugins.ml2 import ovo_rpc  # noqa: E402
from neutron.server import api_eventlet  # noqa: E402
from neutron.services.segments import plugin as segments  # noqa: E402


_create = base.NeutronDbObject.create


def _create_with_tags(self):
    # Some kinds (policies of quality of service) ask a new object for its tags when its session is over: read by its key they are
    # not there yet.
    with self.db_context_writer(self.obj_context):
        _create(self)
        attributes = getattr(self.db_obj, 'standard_attr', None)
        if attributes is not None:
            attributes.tags


base.NeutronDbObject.create = _create_with_tags


class Unheard:
    """In place of what reads every changed object once more to tell it to agents, or to Nova's aggregates of routed networks."""

    def wait(self):
        pass


ovo_rpc.OVOServerRpcInterface = Unheard
segments.NovaSegmentNotifier = Unheard

application = server.boot_server(api_eventlet.eventlet_api_server)
