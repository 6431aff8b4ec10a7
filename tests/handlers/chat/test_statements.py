"""How many statements one message takes: each row is read once, and nothing is asked that is known.

Without BEGIN and COMMIT, and with the mark that the update is done.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from sqlalchemy import event

from storage.engine.database import Database
from storage.engine.unit_of_work import UnitOfWork
from tests.handlers.chat.phones import Bench, Phone
from tests.rounds import open_round

# What each message takes on SQLite; PostgreSQL takes more: it locks the resident's row, and voters hold the box.
LOCKS, BOX = 1, 1
MOST = {"menu": 3, "step": 4, "typed step": 5, "summary": 5, "enter a code": 13, "choose a plan": 9, "cast": 12}
VOTING = {"enter a code", "choose a plan", "cast"}


class Counting:
    """A database whose units of work note every statement. `said`: those of the newest one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        async with self._database.begin() as work, noted(work) as self.said:
            yield work


@asynccontextmanager
async def noted(work: UnitOfWork) -> AsyncIterator[list[str]]:
    """All statements of a unit of work, whether they go to the driver or through SQLAlchemy."""
    said: list[str] = []
    if work.is_sqlite:
        await work.driver.set_trace_callback(said.append)
        try:
            yield said
        finally:
            await work.driver.set_trace_callback(None)
        return

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = work.connection.sync_connection.engine  # type: ignore[union-attr]
    event.listen(engine, "before_cursor_execute", note)
    try:
        with work.driver.query_logger(lambda query: said.append(query.query)):
            yield said
            await work.flush()  # what was put off is sent before the COMMIT
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_message_takes_no_more_statements_than_it_needs(bench: Bench, phone: Phone) -> None:
    async with bench.database.begin() as work:
        _, (code, _) = await open_round(work, 2)
    await phone.arrives()
    counting = Counting(bench.database)
    bench.database = cast(Database, counting)
    more = 0 if counting.is_sqlite else LOCKS
    too_many = {}
    for name, act in _messages(phone, code):
        bench.silent = True
        await act()
        bench.silent = False
        most = MOST.get(name, 99) + more + (BOX if more and name in VOTING else 0)
        if len(counting.said) > most:
            too_many[name, len(counting.said), most] = counting.said
        await bench.answer()
    assert not too_many


def _messages(phone: Phone, code: str) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    """Messages of a resident in order, by the name of what they take; "" where nobody counts."""
    return [
        ("menu", partial(phone.says, "/start")),
        ("step", partial(phone.taps, "Iets melden")),
        ("typed step", partial(phone.says, "Harde muziek")),
        ("step", partial(phone.taps, "Overlast")),
        ("summary", partial(phone.taps, "overzicht")),
        ("", partial(phone.taps, "Stoppen")),
        ("", partial(phone.says, "/stem")),
        ("enter a code", partial(phone.says, code)),
        *(("choose a plan", partial(_chooses, phone)) for _ in range(3)),
        ("", partial(phone.taps, "Mijn keuze")),
        ("cast", partial(phone.taps, "Nu stemmen")),
    ]


async def _chooses(phone: Phone) -> None:
    """Chooses the next plan of this page that is not chosen."""
    await phone.taps(next(label for label in phone.last.buttons if "Plan" in label and "✅" not in label))
