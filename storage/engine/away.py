"""One error, DatabaseAway, for all the ways in which a database can be gone; it names the cause."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# PostgreSQL's SQLSTATE classes for: the connection failed, a resource is used up, an operator stepped in. Then its
# codes for: two transactions conflicted, and ours was idle for longer than a transaction may be. After all of these the
# work is safe to do again from the start.
_AWAY_CLASSES = {"08", "53", "57"}
_IN_EACH_OTHERS_WAY = {"40001", "40P01"}
_STOOD_STILL = {"25P03", "25P04"}
# A pooler gave the next part of a request to another session, where the prepared statement is unknown or another one.
_PREPARED_ELSEWHERE = {"26000", "42P05"}
_POOLER_SAYS = "08P01"  # PgBouncer's one code for whatever it refuses
_LOCK_NOT_AVAILABLE = "55P03"
# SQLite calls these operational too, but a wrong statement, or a write on a reading connection, is a fault of ours.
_OUR_FAULTS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


class DatabaseAway(Exception):
    """The database can't be reached, is full or busy. The same work may be tried again.

    Nothing was kept; only when the connection was lost during the commit itself, the work may be kept after all.
    """


class Held(DatabaseAway):
    """Another transaction holds a lock for longer than this work waits: try the same work again later."""


class Translated:
    """A `with` block that raises DatabaseAway when the database is gone, Held when it waited too long for a lock."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if getattr(getattr(error, "orig", error), "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Held("somebody else holds what is wanted") from error
        if _is_away(error):
            raise DatabaseAway(why_away(error)) from error


def why_away(error: BaseException) -> str:
    """The cause: SQLite's name of it (SQLITE_FULL), a pooler's message, else the error's type; no other message."""
    told = getattr(error, "orig", error)
    state, said = getattr(told, "sqlstate", None), str(told).rpartition(">: ")[2]
    if state in _PREPARED_ELSEWHERE or (state == _POOLER_SAYS and "startup parameter" in said):
        return "a pooler such as PgBouncer stands before it: end the address with ?pooler=transaction"
    if state == _POOLER_SAYS:
        return f"the pooler says: {said}"
    return getattr(told, "sqlite_errorname", type(error).__name__)


def _is_away(error: BaseException) -> bool:
    told = getattr(error, "orig", error)  # SQLAlchemy wraps what a driver says
    if isinstance(told, sqlite3.OperationalError):
        return told.sqlite_errorcode not in _OUR_FAULTS
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | ConnectionError | asyncpg.InterfaceError):
        return True
    if isinstance(told, asyncpg.InternalClientError):  # the server's last message came in the middle of a request
        return True
    if isinstance(error, DBAPIError | asyncpg.PostgresError):
        state = getattr(told, "sqlstate", None) or ""
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return lost or state[:2] in _AWAY_CLASSES or state in _IN_EACH_OTHERS_WAY | _STOOD_STILL | _PREPARED_ELSEWHERE
    # When it can't connect at all, asyncpg raises the socket's own error or TimeoutError (both are OSError).
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
