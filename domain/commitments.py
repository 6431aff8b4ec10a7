"""Commitments to ballots, published in batches while voting is open, so that none can be changed unseen.

A commitment is SHA-256 over the UTF-8 text `buurtstem ballot 1|ROUND|RECEIPT|1,4,9|SALT` (salt: 64 hexadecimal
digits). The chain is that of domain/chain.py over {"batch", "commitment", "day", "number"}: number counts from 1,
day is ISO, commitment hexadecimal; the link before the first is 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.chain import BEGINNING, Content, linked

# A batch holds at least so many, and so many are held back for the next: so the last one, at close, is as large.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Commitment:
    """One entry of a round's chain. value, link: 32 bytes."""

    number: int
    batch: int
    day: date
    value: bytes
    link: bytes

    def content(self) -> Content:
        """What its link covers."""
        return {
            "number": self.number, "batch": self.batch, "day": self.day.isoformat(), "commitment": self.value.hex(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SealedChoice:
    """What a ballot holds: plan numbers in rising order, the voter's receipt, and what hides them until the close."""

    choices: tuple[int, ...]
    receipt: str
    salt: str

    def commitment(self, round_id: str) -> bytes:
        """The commitment to this ballot (32 bytes)."""
        choices = ",".join(map(str, self.choices))
        return hashlib.sha256(f"buurtstem ballot 1|{round_id}|{self.receipt}|{choices}|{self.salt}".encode()).digest()


def new_salt() -> str:
    """A fresh salt of 256 bits."""
    return secrets.token_hex(32)


def evening_batch(waiting: Iterable[bytes]) -> list[bytes]:
    """What of the waiting commitments is published tonight: none, or 10 and more, with 10 others held back.

    Chosen and ordered at random: values of SHA-256 over fresh salts are random, so sorting them tells nothing.
    """
    ordered = sorted(waiting)
    held = set(secrets.SystemRandom().sample(ordered, min(LEAST, len(ordered))))
    batch = [value for value in ordered if value not in held]
    return batch if len(batch) >= LEAST else []


def chained(before: Sequence[Commitment], values: Iterable[bytes], day: date) -> list[Commitment]:
    """The entries of a new batch, in the order of their values, after those there are."""
    last = before[-1] if before else None
    number, link = (last.number, last.link) if last else (0, BEGINNING)
    batch = last.batch + 1 if last else 1
    entries = []
    for value in sorted(values):
        number += 1
        entry = Commitment(number, batch, day, value, b"")
        link = linked(link, entry.content())
        entries.append(replace(entry, link=link))
    return entries
