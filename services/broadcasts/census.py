"""How many readers a broadcast would reach: counted when asked where readers are few, by a census where they are many.

The clock makes the census, one slice of the residents at a time: a whole one each night, and one after another while
somebody writes a broadcast. It stands sealed in the database, so that all processes tell the same numbers and none
of them has to open 167,000 rows before a page can be shown (decision 32).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from domain.broadcasts import rules
from domain.broadcasts.rules import BroadcastState, Content
from domain.sealing import CannotOpen, Place, new_key, seal_json, unseal_json
from services.broadcasts import audience
from services.broadcasts.audience import NewsReader
from services.work import Work
from storage.broadcasts import census, invitations
from storage.broadcasts.census import CensusRow
from storage.people import residents

_PLACE = Place("reader_census", census.ONE, "content")
FEW = 2000  # readers at most: about 70 ms of processor time


class Cell(NamedTuple):
    """Readers whom every broadcast treats alike. neighbourhood: "" for all · enough: had all they want this week."""

    neighbourhood: str
    language: str
    enough: bool


@dataclass(slots=True)
class _Census:
    """The last whole count (cells, made on `day`), and the one under way: `following` is its next slice of `slices`.

    slices: 0 while no count is under way · partly: counted so far.
    """

    cells: Counter[Cell] | None = None
    day: date | None = None
    following: int = 0
    slices: int = 0
    partly: Counter[Cell] = field(default_factory=Counter)


async def counted(work: Work, content: Content, few: int = FEW) -> Counter[tuple[str, str]]:
    """How many readers this content would reach, by (code of the neighbourhood or "", language).

    few: up to so many readers are counted here and now, without a census.
    """
    found: Counter[tuple[str, str]] = Counter()
    for cell, readers in (await _cells(work, few)).items():
        if not cell.enough and rules.reads(content, cell.neighbourhood or None, cell.language):
            found[cell.neighbourhood, cell.language] += readers
    return found


async def go_on(work: Work, few: int = FEW) -> None:
    """Count the next slice, if the readers are many and a census is due or under way. For the clock."""
    if not await _more_than(work, few):
        await census.drop(work)
        return
    state = _opened(work, await census.kept(work, lock=True))
    if state.slices == 0:
        if state.day == work.today and not await _is_wanted(work):
            return
        state.slices = await audience.slices(work)
    state.partly += _cells_of(await audience.readers(work, state.following, state.slices))
    state.following += 1
    if state.following == state.slices:
        state = _Census(state.partly, work.today)
    await _keep(work, state)


async def _is_wanted(work: Work) -> bool:
    """Whether somebody writes a broadcast, or is asked to approve one."""
    return bool(await invitations.in_states(work, [BroadcastState.DRAFT, BroadcastState.ASKED]))


async def _more_than(work: Work, few: int) -> bool:
    return await residents.how_many_want_news(work, few + 1) > few


async def _cells(work: Work, few: int) -> Counter[Cell]:
    known = _opened(work, await census.kept(work)).cells if await _more_than(work, few) else None
    if known is not None:
        return known
    many, found = await audience.slices(work), Counter[Cell]()
    for number in range(many):
        found += _cells_of(await audience.readers(work, number, many))
    return found


def _cells_of(readers: list[NewsReader]) -> Counter[Cell]:
    return Counter(Cell(one.wish.neighbourhood or "", one.language, one.had_enough) for one in readers)


def _opened(work: Work, row: CensusRow | None) -> _Census:
    """The census as it is kept; an empty one, so that it is made anew, where there is none or it can't be opened."""
    if row is None:
        return _Census()
    try:
        plain = unseal_json(work.keys.unwrap(row.wrapped, census.ONE), row.content, _PLACE)
    except CannotOpen:
        return _Census()
    cells, day = plain["cells"], plain["day"]
    return _Census(
        None if cells is None else _counter(cells),
        date.fromisoformat(day) if day else None,
        plain["following"],
        plain["slices"],
        _counter(plain["partly"]),
    )


async def _keep(work: Work, state: _Census) -> None:
    key = new_key()
    plain = {
        "cells": None if state.cells is None else _rows(state.cells),
        "day": state.day.isoformat() if state.day else None,
        "following": state.following,
        "slices": state.slices,
        "partly": _rows(state.partly),
    }
    await census.keep(work, CensusRow(seal_json(key, plain, _PLACE), work.keys.wrap(key, census.ONE)))


def _rows(cells: Counter[Cell]) -> list[Any]:
    return [[*cell, readers] for cell, readers in cells.items()]


def _counter(rows: list[Any]) -> Counter[Cell]:
    return Counter({Cell(*cell): readers for *cell, readers in rows})
