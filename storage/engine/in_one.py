"""Builds the SQL that sends several statements, or many rows, to PostgreSQL as one statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

_BOUND = re.compile(r"\$(\d+)")
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


@cache
def in_one(statements: tuple[str, ...]) -> str:
    """Several PostgreSQL statements as one WITH; their $ numbers are counted on. Only the last one's rows come back."""
    bound, parts = 0, []
    for statement in statements:
        before = bound
        bound += len(set(_BOUND.findall(statement)))
        parts.append(_BOUND.sub(lambda found, more=before: f"${int(found[1]) + more}", statement))  # type: ignore[misc]
    *first, last = parts
    named = ", ".join(f"late_{place} AS ({part})" for place, part in enumerate(first))
    return f"WITH {named} {last}" if first else last


def from_arrays(table: str, columns: Sequence[Column[Any]]) -> str:
    """A PostgreSQL INSERT of many rows, which are bound as one array per column, in the order of `columns`."""
    names = ", ".join(column.name for column in columns)
    kinds = (column.type.compile(dialect=_POSTGRESQL) for column in columns)
    # A cast to VARCHAR(20) would silently cut a text that is too long; as TEXT, the column refuses it.
    kinds = ("TEXT" if kind.startswith("VARCHAR") else kind for kind in kinds)
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(kinds, 1))
    return f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables
