"""Statements that every tap needs, compiled once for each kind of database and given straight to its driver.

SQLAlchemy builds, compares and wraps a statement each time, which costs several times what the database itself
takes. Here it does so once: SQL and types are still SQLAlchemy's, and the transaction is the unit of work's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Column, Executable, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.type_api import TypeEngine

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_Change = Callable[[Any], Any]
_Insert = Callable[[Table], Any]


@dataclass(frozen=True, slots=True)
class Form:
    """A statement compiled for one kind of database.

    given: values by name, where the caller gives none · binds: (name, conversion or None), in the driver's order ·
    columns: (place, conversion) of each column of the result that needs one.
    """

    sql: str
    given: dict[str, Any]
    binds: tuple[tuple[str, _Change | None], ...]
    columns: tuple[tuple[int, _Change], ...]

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order and form that the driver wants. Raises KeyError when one is missing."""
        values = {**self.given, **values}
        return [change(values[name]) if change else values[name] for name, change in self.binds]

    def row(self, found: Sequence[Any]) -> Sequence[Any]:
        """A row of the driver, converted to the Python types of its columns."""
        if not self.columns:
            return found
        row = list(found)
        for place, change in self.columns:
            row[place] = change(row[place])
        return row


@dataclass(frozen=True)
class Ready:
    """A statement, compiled when it is first used.

    build: makes it from the database's own `insert` (which knows ON CONFLICT), with bindparams for its values.
    """

    build: Callable[[_Insert], Executable]
    _forms: dict[str, Form] = field(default_factory=dict, init=False, compare=False)

    def form(self, dialect: Dialect) -> Form:
        """The statement, compiled for this kind of database at its first use."""
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = self._made(dialect)
        return form

    def _made(self, dialect: Dialect) -> Form:
        statement: Any = self.build(_INSERTS[dialect.name])
        compiled = statement.compile(dialect=dialect)
        binds = [(name, _bind(compiled.binds[name].type, dialect)) for name in compiled.positiontup]
        changes = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.exported_columns
        ]
        given = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        return Form(str(compiled), given, tuple(binds), tuple((at, one) for at, one in enumerate(changes) if one))


def ready_insert(table: Table, **computed: Any) -> Ready:
    """An INSERT of one row. computed: SQL by column, for the database. A column that is not given gets its default."""
    columns = [column for column in table.columns if column is not table.autoincrement_column]
    values = {column.name: computed.get(column.name, _given_or_default(column)) for column in columns}
    return Ready(lambda insert: insert(table).values(values).inline())


def _given_or_default(column: Column[Any]) -> BindParameter[Any]:
    if isinstance(column.default, ScalarElementColumnDefault):
        return bindparam(column.name, column.default.arg, column.type)
    return bindparam(column.name, None, column.type) if column.nullable else bindparam(column.name)


@dataclass(frozen=True)
class ReadyAmong:
    """A statement with `… IN (…)`, compiled once for each power of two of values.

    build: makes it from the database's own `insert` and the bindparams that stand between the brackets.
    """

    build: Callable[[_Insert, list[BindParameter[Any]]], Executable]
    _sizes: dict[int, Ready] = field(default_factory=dict, init=False, compare=False)

    def filled(self, values: Sequence[Any]) -> tuple[Ready, dict[str, Any]]:
        """The statement for these values (at least one), and the values by name; the last one fills empty places."""
        size = 1 << (len(values) - 1).bit_length()
        names = [f"among_{place}" for place in range(size)]
        ready = self._sizes.get(size)
        if ready is None:
            ready = self._sizes[size] = Ready(lambda insert: self.build(insert, [bindparam(name) for name in names]))
        whole = [*values, *[values[-1]] * (size - len(values))]
        return ready, dict(zip(names, whole, strict=True))


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> _Change | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
