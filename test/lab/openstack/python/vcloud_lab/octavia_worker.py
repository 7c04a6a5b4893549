"""Octavia's worker."""
from octavia.cmd.octavia_worker import main

from vcloud_lab import octavia_reads  # noqa: F401

__all__ = ['main']
