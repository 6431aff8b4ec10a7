"""Locks on the keys and on a SQLite file, which last as long as their process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_held: dict[Path, int] = {}  # file or folder -> its open file, which carries the lock
_alone: set[Path] = set()


def hold(path: Path, *, alone: bool) -> bool:
    """Lock a file or folder until this process ends, shared with others or alone. False while another prevents that."""
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
