"""Backup and restore: the data in one file; record keys, the ledger of erasures and what leads to people in another.

Only the newest keys file (the second) is kept, so what was erased since can't be read in an older data file either.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from services.subjects import SUBJECTS, TABLES
from services.upkeep import keeping
from services.work import Work
from storage.upkeep import copying

FORMAT = 2
_PAGE = 500
_END = "end"  # no table has that name: the last line has the form of a row
_SAMPLE = 50
_NONE: frozenset[str] = frozenset()
# Not restored when the keys file is newer than the data file: rows that only make sense at their own moment.
_OF_THE_MOMENT = frozenset({"outbox", "conversations"})


class CannotRestore(Exception):
    """A backup that can't be restored here. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many rows came back, and how many were forgotten again."""

    rows: int
    forgotten: int


async def lines(work: Work, *, keys: bool, backup_id: str) -> AsyncGenerator[str]:
    """The lines of one file: a head, one JSON object a row, and an end that knows how many lines came before it.

    Args:
        work: sees one state of the database, see `hold_still`.
        keys: make the keys file, not the data file.
        backup_id: both files of a backup name it.
    """
    lines, digest = 0, sha256()
    async with aclosing(_lines(work, keys=keys, backup_id=backup_id)) as before:
        async for line in before:
            lines += 1
            digest.update(line.encode() + b"\n")
            yield line
    yield json.dumps({"table": _END, "row": {"lines": lines, "sha256": digest.hexdigest()}})


async def _lines(work: Work, *, keys: bool, backup_id: str) -> AsyncGenerator[str]:
    part = "keys" if keys else "data"
    yield json.dumps({"buurtstem": FORMAT, "part": part, "backup": backup_id, "at": work.now.isoformat()})
    for name, portion in copying.portions(TABLES, keys=keys).items():
        async for row in copying.rows_of(work, portion):
            yield json.dumps({"table": name, "row": row}, separators=(",", ":"))


async def hold_still(work: Work) -> None:
    """Let this work see one state of the database, for both files must show the same moment."""
    await copying.hold_still(work)


async def restore(work: Work, data: Iterable[str], keys: Iterable[str]) -> Restored:
    """Put both files into an empty database and forget again what was erased. Raises CannotRestore.

    The keys file may be newer than the data file: that is how erasures reach old backups.
    """
    await work.take_time()  # the files may come slowly
    if not await copying.is_empty(work):
        raise CannotRestore("the database is not empty: restore into a new one")
    data_lines, key_lines = _whole(data, "data"), _whole(keys, "keys")
    first, second = _head(data_lines, "data"), _head(key_lines, "keys")
    if second["at"] < first["at"]:
        raise CannotRestore("the keys file is older than the data file: take the newest keys file")
    same = first["backup"] == second["backup"]
    rows = await _put_all(work, data_lines, copying.portions(TABLES, keys=False), _NONE)
    rows += await _put_all(work, key_lines, copying.portions(TABLES, keys=True), _NONE if same else _OF_THE_MOMENT)
    opened = await keeping.check_keys(work, _SAMPLE)
    if opened.unreadable and not opened.readable:
        raise CannotRestore("the keys in KEYS_DIR open none of it: put back your copy of the keys first")
    await copying.drop_orphan_keys(work)
    forgotten = await copying.replay_erasures(work)
    for subject in SUBJECTS:
        for act in subject.restored:
            await act(work)
    return Restored(rows, forgotten)


def _whole(given: Iterable[str], part: str) -> Iterator[str]:
    """Yield all lines but the last, then check them against it. Raises CannotRestore when they were changed."""
    lines, digest, last = 0, sha256(), None
    for line in given:
        if last is not None:
            lines += 1
            digest.update(last.encode() + b"\n")
            yield last
        last = line.rstrip("\n")
    if last is None or not last.startswith(f'{{"table": "{_END}"'):
        raise CannotRestore(f"the {part} file is damaged: its end is missing; take another copy of it")
    try:
        end = json.loads(last)["row"]
    except (ValueError, KeyError, TypeError):
        end = None
    if end != {"lines": lines, "sha256": digest.hexdigest()}:
        raise CannotRestore(f"the {part} file is damaged: it is not as it was written; take another copy of it")


def _head(given: Any, part: str) -> dict[str, Any]:
    try:
        head = json.loads(next(given))
    except (StopIteration, ValueError):
        head = {}
    named = {"buurtstem": FORMAT, "part": part}
    if not isinstance(head, dict) or not named.items() <= head.items() or not {"at", "backup"} <= head.keys():
        raise CannotRestore(f"this is not the {part} file of a Buurtstem backup")
    return head


async def _put_all(work: Work, given: Iterable[str], portions: dict[str, copying.Portion], skip: frozenset[str]) -> int:
    waiting: dict[str, list[dict[str, Any]]] = {}
    count = 0
    try:
        for line in given:
            found = json.loads(line)
            name, row = found["table"], found["row"]
            if name == _END:
                raise CannotRestore("the backup is damaged: files were joined; take another copy of it")
            portion = portions[name]
            if name in skip:
                continue
            count += 1
            rows = waiting.setdefault(name, [])
            rows.append(row)
            if len(rows) == _PAGE:
                await copying.put_rows(work, portion, waiting.pop(name))
        for name, rows in waiting.items():
            await copying.put_rows(work, portions[name], rows)
    except copying.DamagedCopy as error:
        raise CannotRestore(f"the backup is damaged, or of another version: {error}") from None
    except (ValueError, KeyError, TypeError):
        raise CannotRestore("the backup is damaged, or of another version: a line in it is no row") from None
    return count
