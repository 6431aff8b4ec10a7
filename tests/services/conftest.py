"""Fixtures of this folder: `database` of both kinds, its `keys` and `clock`, and the `other_url` of a second one."""

from tests.opened import clock, database, keys, other_url

__all__ = ["clock", "database", "keys", "other_url"]
