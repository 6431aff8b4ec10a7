"""A hash chain: each entry's hash covers the one before it, so that nothing in the middle can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

# The hash before the very first entry.
BEGINNING = bytes(32)

# An entry's content: plain values only, so that its written form is always the same.
Content = Mapping[str, str | int]


def linked(previous: bytes, content: Content) -> bytes:
    """The hash (32 bytes, SHA-256) of an entry that follows the entry with hash `previous`."""
    written = json.dumps(dict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + written.encode()).digest()


def first_broken(start: bytes, end: bytes, entries: Iterable[tuple[Content, bytes]]) -> int | None:
    """The place (from 0) of the first entry whose hash does not follow from the one before; None when all are right.

    start: the hash before the first entry · end: the hash that the last one must have, kept apart from the
    entries. A chain that was cut at its end breaks at the place after its last entry.
    """
    previous, place = start, -1
    for place, (content, kept) in enumerate(entries):
        if linked(previous, content) != kept:
            return place
        previous = kept
    return None if previous == end else place + 1
