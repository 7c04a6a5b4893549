"""Octavia reads an object by walking all that hangs together with it. Outside a transaction every step of the walk takes a connection, tries
it, and gives it back: four questions in place of one. Imported by its API and its worker, which ask alike."""
from octavia.db import repositories

_get = repositories.BaseRepository.get


def _get_at_once(self, session, **filters):
    with session.begin(subtransactions=True):
        return _get(self, session, **filters)


repositories.BaseRepository.get = _get_at_once
