"""Statements that every tap needs, made ready once a database and given straight to its driver.

SQLAlchemy builds, compares and wraps a statement each time, which costs several times what the database itself
takes. Here it does so once: the words and the types are its own, the transaction is the same one.
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
    """A statement in the words of one database: values of its own, what it binds in order, what columns become."""

    sql: str
    given: dict[str, Any]
    binds: tuple[tuple[str, _Change | None], ...]
    columns: tuple[tuple[int, _Change], ...]

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order and form that the driver wants."""
        values = {**self.given, **values}
        return [change(values[name]) if change else values[name] for name, change in self.binds]

    def row(self, found: Sequence[Any]) -> Sequence[Any]:
        """A row in the types of its columns."""
        if not self.columns:
            return found
        row = list(found)
        for place, change in self.columns:
            row[place] = change(row[place])
        return row


@dataclass(frozen=True)
class Ready:
    """build: makes the statement, given the INSERT that knows ON CONFLICT; its values are bindparams."""

    build: Callable[[_Insert], Executable]
    _forms: dict[str, Form] = field(default_factory=dict, init=False, compare=False)

    def form(self, dialect: Dialect) -> Form:
        """The statement in this database's words; made at the first asking."""
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
    """An INSERT of one row; computed: columns that the database works out. What is not given is at its default."""
    columns = [column for column in table.columns if column is not table.autoincrement_column]
    values = {column.name: computed.get(column.name, _given_or_default(column)) for column in columns}
    return Ready(lambda insert: insert(table).values(values).inline())


def _given_or_default(column: Column[Any]) -> BindParameter[Any]:
    if isinstance(column.default, ScalarElementColumnDefault):
        return bindparam(column.name, column.default.arg, column.type)
    return bindparam(column.name, None, column.type) if column.nullable else bindparam(column.name)


@dataclass(frozen=True)
class ReadyAmong:
    """A statement about some of many (`… IN (…)`), ready once for each power of two.

    build: makes it, given INSERT and what stands between the brackets.
    """

    build: Callable[[_Insert, list[BindParameter[Any]]], Executable]
    _sizes: dict[int, Ready] = field(default_factory=dict, init=False, compare=False)

    def filled(self, values: Sequence[Any]) -> tuple[Ready, dict[str, Any]]:
        """The statement for so many values (one at least) and what they bind; the last one fills the empty places."""
        size = 1 << (len(values) - 1).bit_length()
        names = [f"among_{place}" for place in range(size)]
        ready = self._sizes.get(size)
        if ready is None:
            ready = self._sizes[size] = Ready(lambda insert: self.build(insert, [bindparam(name) for name in names]))
        whole = [*values, *[values[-1]] * (size - len(values))]
        return ready, dict(zip(names, whole, strict=True))


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> _Change | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)
