"""Logs: one JSON object a line, without token, text, name, chat id or code."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback

_OURS = ("buurtstem", "bot", "handlers", "simulator")
_AT = "%Y-%m-%dT%H:%M:%S+00:00"
_FAR = 10**9  # seconds: nobody waits for a longer pause
_HIDDEN = (
    # A token. In an address it stands right behind "bot".
    (re.compile(r"(?<!\d)\d{4,}:[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"SNW-?[0-9A-Z]{4}-?[0-9A-Z]{4}", re.IGNORECASE), "[code]"),
    (re.compile(r"(://[^:/@\s]{0,256}):[^@\s]{1,256}@"), r"\1:[secret]@"),
)


def start_logging(level: str = "INFO") -> None:
    """Write to standard error: our own lines from `level` on, those of libraries from WARNING on.

    At lower levels libraries write message texts, parameters and addresses with the token. An error that ends the
    program, or a thread, is written the same way: Python's own traceback would show its message.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    logging.raiseExceptions = False  # a failing log line prints its arguments otherwise
    log = logging.getLogger("buurtstem")
    sys.excepthook = lambda *error: log.critical("the program ended", exc_info=error)
    threading.excepthook = lambda ended: log.critical("a thread ended", exc_info=ended.exc_value)
    sys.unraisablehook = lambda lost: log.error("an error was lost", exc_info=lost.exc_value)


def name_role(role: str) -> None:
    """Say in every line from now on which role wrote it."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Lines):
            handler.formatter.role = role


def hidden(text: str) -> str:
    """The text without tokens, codes and passwords."""
    for form, instead in _HIDDEN:
        text = form.sub(instead, text)
    return text


class _Lines(logging.Formatter):
    """JSON lines, in UTC. Of an exception the type and the places are written, never its message."""

    converter = staticmethod(time.gmtime)
    role = ""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str | list[str]] = {
            "at": self.formatTime(record, _AT),
            **({"role": self.role} if self.role else {}),
            "level": record.levelname,
            "from": record.name,
            "event": hidden(record.getMessage()) if not _foreign(record) else _first_words(record),
        }
        lasts: float | None = getattr(record, "lasts", None)  # seconds that the state in this line lasts
        if lasts is not None:
            line["until"] = time.strftime(_AT, time.gmtime(record.created + min(lasts, _FAR)))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


def _foreign(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] not in _OURS


def _first_words(record: logging.LogRecord) -> str:
    """Only the fixed part of a library's line: its arguments, and further lines, may be what a resident wrote."""
    return hidden(re.split("[%\n:({'\"]", str(record.msg), maxsplit=1)[0][:120])
