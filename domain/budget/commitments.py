"""The hash chain of a vote: the statement made at its opening, commitments to ballots, and every later statement.

A commitment to a ballot is SHA-256 over the fields `buurtstem ballot 2`, ROUND, RECEIPT, `1,4,9` and SALT (64
hexadecimal digits). A commitment to a statement is SHA-256 over `buurtstem statement 2`, its kind and its text. Each
field is preceded by its length in bytes (`framed`), so that no two lists of fields give the same bytes. The chain is
that of domain/chain.py over {"batch", "commitment", "day", "kind", "number"}: number counts from 1, day is ISO,
commitment hexadecimal; the link before the first is 32 zero bytes. The first entry is the opening: its link, the first
head, is told when voting opens.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from domain.chain import BEGINNING, Content, linked

# A batch holds at least this many ballots, and this many are held back for the next: so the last is as large too.
LEAST = 10


class EntryKind(StrEnum):
    """What an entry of the chain is."""

    OPENING = "opening"
    EXTENSION = "extension"
    CORRECTION = "correction"
    BALLOT = "ballot"


def framed(*fields: str) -> bytes:
    """The UTF-8 fields one after the other, each preceded by its length in bytes (8 bytes, the highest first)."""
    encoded = [field.encode() for field in fields]
    return b"".join(len(field).to_bytes(8, "big") + field for field in encoded)


def statement(content: dict[str, Any]) -> str:
    """The statement as the exact JSON text that its commitment covers: no blanks, keys in the order given."""
    return json.dumps(content, separators=(",", ":"))


def stated(kind: EntryKind, text: str) -> bytes:
    """The commitment to a statement (32 bytes)."""
    return hashlib.sha256(framed("buurtstem statement 2", kind, text)).digest()


@dataclass(frozen=True, slots=True)
class Commitment:
    """One entry of a round's chain. value, link: 32 bytes · said: the text of a statement, None for a ballot."""

    number: int
    batch: int
    day: date
    value: bytes
    link: bytes
    kind: str = EntryKind.BALLOT
    said: str | None = None

    def content(self) -> Content:
        """The values that its link covers."""
        return {
            "number": self.number, "batch": self.batch, "day": self.day.isoformat(), "commitment": self.value.hex(),
            "kind": str(self.kind),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SealedChoice:
    """What a ballot holds: plan numbers in rising order, a receipt, and a salt that hides both until the close."""

    choices: tuple[int, ...]
    receipt: str
    salt: str

    def commitment(self, round_id: str) -> bytes:
        """The commitment to this ballot (32 bytes)."""
        choices = ",".join(map(str, self.choices))
        fields = framed("buurtstem ballot 2", round_id, self.receipt, choices, self.salt)
        return hashlib.sha256(fields).digest()


def new_salt() -> str:
    """A fresh salt of 256 bits."""
    return secrets.token_hex(32)


def evening_batch(waiting: Iterable[bytes]) -> list[bytes]:
    """The waiting commitments to publish tonight: none, or at least 10, with 10 others held back, chosen at random.

    The order tells nothing: values of SHA-256 over fresh salts are random, so sorting them puts them in random order.
    """
    ordered = sorted(waiting)
    held = set(secrets.SystemRandom().sample(ordered, min(LEAST, len(ordered))))
    batch = [value for value in ordered if value not in held]
    return batch if len(batch) >= LEAST else []


def chained(before: Sequence[Commitment], values: Iterable[bytes], day: date) -> list[Commitment]:
    """The entries of a new batch of ballots, in the order of their values, linked after the entries of `before`."""
    batch = before[-1].batch + 1 if before else 1
    return _linked(before, [Commitment(0, batch, day, value, b"") for value in sorted(values)])


def with_statement(before: Sequence[Commitment], kind: EntryKind, content: dict[str, Any], day: date) -> Commitment:
    """The entry of a statement, linked after the entries of `before`. It is a batch of its own."""
    text = statement(content)
    batch = before[-1].batch + 1 if before else 1
    return _linked(before, [Commitment(0, batch, day, stated(kind, text), b"", kind, text)])[0]


def begun_anew(before: Sequence[Commitment]) -> list[Commitment]:
    """The statements of a chain whose ballots are lost, chained again: the first head stays the same."""
    kept = [one for one in before if one.kind != EntryKind.BALLOT]
    return _linked((), [replace(one, batch=batch) for batch, one in enumerate(kept, 1)])


def _linked(before: Sequence[Commitment], entries: Iterable[Commitment]) -> list[Commitment]:
    number, link = (before[-1].number, before[-1].link) if before else (0, BEGINNING)
    found = []
    for place, entry in enumerate(entries, number + 1):
        link = linked(link, {**entry.content(), "number": place})
        found.append(replace(entry, number=place, link=link))
    return found
