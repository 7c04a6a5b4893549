"""Neutron's API as a WSGI application for plain uWSGI processes. There are no agents, so no RPC server is needed."""
from neutron import server
from neutron.server import api_eventlet

application = server.boot_server(api_eventlet.eventlet_api_server)
