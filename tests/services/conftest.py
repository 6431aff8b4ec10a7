"""What the tests of this folder may ask for: `database` on both kinds, its `keys` and `clock`."""

from tests.opened import clock, database, keys, other_url

__all__ = ["clock", "database", "keys", "other_url"]
