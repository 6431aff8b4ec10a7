"""The simulator's own time: the machine's, moved by an offset that tests set."""

import time
from collections.abc import Callable
from pathlib import Path

RE_READ_SECONDS = 0.02


class Clock:
    """Time in seconds since 1970, as a float: machine time + the file's offset + our own offset.

    `source` is None or `file:PATH`; the file holds seconds as a decimal number and may be absent (0).
    It is read again when its mtime changes, which is looked at every 20 ms at most. Another source raises ValueError.
    """

    def __init__(self, source: str | None = None) -> None:
        if source is not None and not source.startswith("file:"):
            raise ValueError(f"--clock must be file:PATH, not {source!r}")
        self.offset = 0.0
        self._path = Path(source.removeprefix("file:")) if source else None
        self._file_offset = 0.0
        self._read_at = -1.0
        self._mtime = -1
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        """The simulated moment."""
        if self._path is not None:
            self._read_file(self._path)
        return time.time() + self.offset + self._file_offset

    def move(self, offset: float) -> None:
        """Set our own offset, in seconds, and wake everybody who waits for a moment."""
        self.offset = offset
        for listener in self._listeners:
            listener()

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every move through the control API."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Don't call `listener` any more."""
        self._listeners = [each for each in self._listeners if each != listener]

    def longest_sleep(self, seconds: float) -> float:
        """How long to sleep at most when waiting `seconds`: a file can move time without telling us."""
        return min(seconds, 0.1) if self._path is not None else seconds

    def _read_file(self, path: Path) -> None:
        machine = time.monotonic()
        if machine - self._read_at < RE_READ_SECONDS:
            return
        self._read_at = machine
        try:
            mtime = path.stat().st_mtime_ns
            if mtime != self._mtime:
                self._file_offset = float(path.read_text().strip() or 0)
                self._mtime = mtime
        except FileNotFoundError:
            self._file_offset, self._mtime = 0.0, -1
        except ValueError:
            pass  # a half-written file: keep the former offset, look again at the next call
