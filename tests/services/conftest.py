"""What the tests of this folder may ask for: `database` on both kinds, its `keys` and `clock`."""

from tests.opened import another_postgres, another_sqlite, clock, database, keys

__all__ = ["another_postgres", "another_sqlite", "clock", "database", "keys"]
