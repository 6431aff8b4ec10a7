"""Locks that live as long as their process, however that ends: who uses the keys, who uses a SQLite file."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_held: dict[Path, int] = {}  # file or folder -> its open file, which carries the lock
_alone: set[Path] = set()


def hold(path: Path, *, alone: bool) -> bool:
    """Lock a file or folder until this process ends, together with others or alone. False while that can't be."""
    where = path.resolve()
    if where not in _held:
        _held[where] = os.open(where, os.O_RDONLY)
    if where in _alone:
        return True
    try:
        fcntl.flock(_held[where], (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if alone:
        _alone.add(where)
    return True
