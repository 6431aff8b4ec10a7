"""The clock: the one place that reads the machine's time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


def make_clock(setting: str) -> Callable[[], datetime]:
    """A function that tells the present moment, aware UTC.

    setting: "" is the machine's time; `file:PATH` adds the seconds (a decimal number) that stand in that file,
    read again whenever it changes, so that tests move time over all processes. A missing file adds nothing.
    """
    if not setting:
        return _machine_time
    return _MovedClock(Path(setting.removeprefix("file:")))


def _machine_time() -> datetime:
    return datetime.now(UTC)


class _MovedClock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def __call__(self) -> datetime:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return _machine_time()
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp != self._seen:
            text = self._path.read_text(encoding="utf-8").strip()
            self._offset = timedelta(seconds=float(text or 0))
            self._seen = stamp
        return _machine_time() + self._offset
