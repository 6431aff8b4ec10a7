"""Searches for what must not be readable: tries every present key on every stored blob, and finds plain text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from domain.sealing import CannotOpen, KeyRing, Place, unseal
from services.budget.round_keys import RoundKeys

Rows = Mapping[str, Iterable[Mapping[str, Any]]]

# Table and field of every Place that the code makes; a test compares them with those that it really makes.
FIELDS = {
    ("people", "contact"), ("conversations", "state"), ("outbox", "envelope"), ("dead_letters", "content"),
    ("signals", "details"), ("signals", "codes"), ("signals", "code"), ("signals", "handle"),
    ("signal_messages", "words"), ("attachments", "waiting"), ("attachments", "kept"),
    ("people", "news"), ("broadcast_recipients", "handle"), ("rsvps", "handle"),
    ("staff", "email"), ("staff", "totp"), ("sign_in_links", "totp"),
    ("drafts", "content"), ("ballots", "content"), ("line_cuts", "content"), ("reader_census", "content"),
}  # fmt: skip
WRAPPED_BYTES = 4 + 12 + 32 + 16  # key number, nonce, key, tag
_ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz234567")


def blobs(rows: Rows) -> set[bytes]:
    """All bytes in these rows: all that may be sealed or wrapped."""
    return {value for found in rows.values() for row in found for value in row.values() if isinstance(value, bytes)}


def ids(rows: Rows) -> set[str]:
    """All strings in these rows that may be the id of a row or a record."""
    texts = {value for found in rows.values() for row in found for value in row.values() if isinstance(value, str)}
    return {text for text in texts if len(text) == 26 and set(text) <= _ID_LETTERS}


def keys_in(stored: Iterable[bytes], records: Iterable[str], ring: KeyRing) -> set[bytes]:
    """Every key that unwraps from these blobs for any of these records, and the round keys that come from it."""
    bindings = [*records, "outbox"]
    found = set()
    for blob in stored:
        if len(blob) == WRAPPED_BYTES:
            for record in bindings:
                try:
                    key = ring.unwrap(blob, record)
                    found |= {key, RoundKeys(key).drafts, RoundKeys(key).ballots}
                    break
                except CannotOpen:
                    continue
    return found


def opened(stored: Iterable[bytes], keys: Iterable[bytes], names: Iterable[str]) -> set[bytes]:
    """The plain texts that any of these keys opens from these blobs, tried in every place."""
    rows = [*names, ""]
    places = [Place(table, row, field) for table, field in FIELDS for row in rows]
    every_key = list(keys)
    found = set()
    for blob in stored:
        if len(blob) > WRAPPED_BYTES:
            for key in every_key:
                for place in places:
                    try:
                        found.add(unseal(key, blob, place))
                    except CannotOpen:
                        continue
    return found


def readable(rows: Rows, known: Iterable[str], ring: KeyRing) -> bytes:
    """All that can be read of these rows with these keys. known: ids that somebody may remember."""
    names = ids(rows) | set(known)
    stored = blobs(rows)
    return b"\n".join(opened(stored, keys_in(stored, names, ring), names))


def rows_of_files(*files: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Table -> its rows in the files of a backup. files: the lines of each; the first line is its head."""
    found: dict[str, list[dict[str, Any]]] = {}
    for lines in files:
        for line in list(lines)[1:]:
            row = json.loads(line)
            values = {
                name: base64.b64decode(value["b"]) if isinstance(value, dict) and "b" in value else value
                for name, value in row["row"].items()
            }
            found.setdefault(row["table"], []).append(values)
    return found


def wrapped_in(raw: bytes, ring: KeyRing, records: Iterable[str]) -> set[bytes]:
    """Every record key whose wrap stands anywhere in raw bytes: a file, a write-ahead log."""
    known = list(records)
    pieces = set()
    for number in ring.team:
        mark = number.to_bytes(4, "big")
        start = raw.find(mark)
        while start >= 0:
            pieces.add(raw[start : start + WRAPPED_BYTES])
            start = raw.find(mark, start + 1)
    return keys_in(pieces, known, ring)


def raw_files(url: str) -> dict[str, bytes]:
    """File name -> raw bytes: a SQLite database and the files beside it, such as its write-ahead log."""
    path = Path(url.partition(":///")[2])
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name)}


def spellings(mark: str | bytes | int) -> set[bytes]:
    """How a text, some bytes or a number may stand in files, rows, dumps and logs."""
    if isinstance(mark, int):
        length = (mark.bit_length() + 8) // 8
        return {mark.to_bytes(length, order, signed=True) for order in ("big", "little")} | {str(mark).encode()}
    raw = mark.encode() if isinstance(mark, str) else mark
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), repr(raw).encode()[2:-1]}
    for shift in range(3):
        # Without the ends, which depend on what stands before and after it.
        found.add(base64.b64encode(bytes(shift) + raw)[4 if shift else 0 : -4])
    if isinstance(mark, str):
        found |= {mark.encode("utf-16-le"), json.dumps(mark)[1:-1].encode(), quote(mark).encode()}
    return {one for one in found if len(one) >= 5}


def hits(marks: Mapping[str, str | bytes | int], places: Mapping[str, bytes]) -> Iterator[str]:
    """Yield "MARK in PLACE" for each mark that a place holds, in any spelling."""
    for name, mark in marks.items():
        for spelling in spellings(mark):
            yield from (f"{name} in {place}" for place, raw in places.items() if spelling in raw)
