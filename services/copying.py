"""Backup and restore: the data in one file, the wrapped record keys and the ledger of erasures in another.

Of the second only the newest copy is kept, so an old first file holds noise for whatever was erased since.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from services.work import Work
from storage import copying

FORMAT = 1
_PAGE = 500


class CannotRestore(Exception):
    """A backup that can't be restored here. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many rows came back, and how many were forgotten again."""

    rows: int
    forgotten: int


async def lines(work: Work, *, keys: bool, backup_id: str) -> AsyncIterator[str]:
    """The lines of one file: a head, then one JSON object a row. `keys`: the second file."""
    part = "keys" if keys else "data"
    yield json.dumps({"buurtstem": FORMAT, "part": part, "backup": backup_id, "at": work.now.isoformat()})
    for name in copying.table_names():
        if (name in copying.BESIDE_THE_KEYS) == keys:
            async for row in copying.rows_of(work, name):
                yield json.dumps({"table": name, "row": row}, separators=(",", ":"))


async def hold_still(work: Work) -> None:
    """Both files must show the same moment."""
    await copying.hold_still(work)


async def restore(work: Work, data: Iterable[str], keys: Iterable[str]) -> Restored:
    """Put both files into an empty database and forget again what was erased. Raises CannotRestore.

    The keys file may be newer than the data file: that is how erasures reach old backups.
    """
    if not await copying.is_empty(work):
        raise CannotRestore("the database is not empty: restore into a new one")
    data_lines, key_lines = iter(data), iter(keys)
    first, second = _head(data_lines, "data"), _head(key_lines, "keys")
    same = first["backup"] == second["backup"]
    rows = await _put_all(work, key_lines, skip=frozenset() if same else frozenset({"outbox", "conversations"}))
    rows += await _put_all(work, data_lines, skip=frozenset())
    await copying.drop_orphan_keys(work, await copying.records_in_use(work))
    return Restored(rows, await copying.replay_erasures(work))


def _head(given: Any, part: str) -> dict[str, Any]:
    try:
        head = json.loads(next(given))
    except (StopIteration, ValueError):
        head = {}
    if not isinstance(head, dict) or head.get("buurtstem") != FORMAT or head.get("part") != part:
        raise CannotRestore(f"this is not the {part} file of a Buurtstem backup")
    return head


async def _put_all(work: Work, given: Iterable[str], skip: frozenset[str]) -> int:
    waiting: dict[str, list[dict[str, Any]]] = {}
    count = 0
    for line in given:
        try:
            found = json.loads(line)
            name, row = found["table"], found["row"]
        except (ValueError, KeyError, TypeError):
            raise CannotRestore("the backup is damaged: a line in it is no row") from None
        if name in skip:
            continue
        count += 1
        rows = waiting.setdefault(name, [])
        rows.append(row)
        if len(rows) == _PAGE:
            await copying.put_rows(work, name, waiting.pop(name))
    for name, rows in waiting.items():
        await copying.put_rows(work, name, rows)
    return count
