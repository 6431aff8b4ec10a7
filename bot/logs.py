"""Logs: one JSON object a line, without token, text, name, chat id or code."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback

# These write message texts, parameters or addresses with the token at their lower levels.
_TALKERS = (
    "aiogram", "aiohttp", "aiosqlite", "alembic", "apscheduler", "asyncio", "asyncpg", "httpcore", "httpx",
    "multipart", "PIL", "python_multipart", "sqlalchemy", "telegram", "urllib3", "uvicorn",
)  # fmt: skip
_HIDDEN = (
    (re.compile(r"\b\d{4,}:[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"\bSNW-[0-9A-Z]{4}-[0-9A-Z]{4}\b", re.IGNORECASE), "[code]"),
    (re.compile(r"(://[^:/@\s]+):[^@\s]+@"), r"\1:[secret]@"),
)


def start_logging(level: str = "INFO") -> None:
    """Write to standard error from `level` on; libraries that would say too much only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a failing log line prints its arguments otherwise


def hidden(text: str) -> str:
    """The text without tokens, codes and passwords."""
    for form, instead in _HIDDEN:
        text = form.sub(instead, text)
    return text


class _Lines(logging.Formatter):
    """JSON lines. Of an exception the type and the places are written, never its message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "from": record.name,
            "event": hidden(record.getMessage()) if not _foreign(record) else _first_words(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


def _foreign(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _TALKERS


def _first_words(record: logging.LogRecord) -> str:
    """Of a library's line only its fixed part: its arguments may be what a resident wrote."""
    return hidden(str(record.msg).split("%", 1)[0][:120])
