"""The many ways in which a database can be gone: one error, with the cause named."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# What PostgreSQL says (classes of SQLSTATE) when the connection failed, something is used up, or an operator acted;
# when two transactions stood in each other's way, and when we stood still for longer than a transaction may: safe to
# do again from the start.
_AWAY_CLASSES = {"08", "53", "57"}
_IN_EACH_OTHERS_WAY = {"40001", "40P01"}
_STOOD_STILL = {"25P03", "25P04"}
# A pooler gave the next part of a request to another session.
_PREPARED_ELSEWHERE = {"26000", "42P05"}
_POOLER_SAYS = "08P01"  # PgBouncer's one code for whatever it refuses
_LOCK_NOT_AVAILABLE = "55P03"
# SQLite calls these operational too, but a statement that is wrong, or writes where we only read, is a fault of ours.
_OUR_FAULTS = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


class DatabaseAway(Exception):
    """The database can't be reached, is full or busy: nothing was kept, and the same work may be tried again."""


class Held(DatabaseAway):
    """Somebody else holds what is wanted for longer than this work waits: what it did may be tried again later."""


class Translated:
    """Turns the many ways in which a database can be gone into DatabaseAway, and the end of a wait into Held."""

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
    """SQLite's own name of the fault, such as SQLITE_FULL; else the kind of error. Of messages only a pooler's."""
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
    if isinstance(told, asyncpg.InternalClientError):  # the server's last word came in between
        return True
    if isinstance(error, DBAPIError | asyncpg.PostgresError):
        state = getattr(told, "sqlstate", None) or ""
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        return lost or state[:2] in _AWAY_CLASSES or state in _IN_EACH_OTHERS_WAY | _STOOD_STILL | _PREPARED_ELSEWHERE
    # asyncpg raises what the socket raised when it can't connect at all, and TimeoutError.
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
