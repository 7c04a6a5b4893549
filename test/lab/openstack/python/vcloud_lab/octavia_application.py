"""Octavia's API as a WSGI application."""
from octavia.api import app

from vcloud_lab import octavia_reads  # noqa: F401

application = app.setup_app()
