"""Column types shared by all tables: aware UTC moments and bytes on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

# SQLite keeps the rows in the order of their random keys, not in the order in which they came.
WITHOUT_ROWID = {"sqlite_with_rowid": False}


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite has no time zones: there it is kept naive and made aware again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a naive moment: it would be read in the machine's time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, always aware; None stays None."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def moment(**options: Any) -> Any:
    """A column that holds an aware moment."""
    return Field(sa_type=UtcMoment, **options)


def blob(**options: Any) -> Any:
    """A column that holds bytes: a tag, or something sealed."""
    return Field(sa_type=LargeBinary, **options)
