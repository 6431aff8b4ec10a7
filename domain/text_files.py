"""Reads text files in the encodings that people's programs write."""

from __future__ import annotations

import codecs

_BY_MARK = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes) -> str:
    """The words of a text file: UTF-8, or what its byte order mark says. Raises UnicodeDecodeError."""
    return content.decode(next((name for mark, name in _BY_MARK if content.startswith(mark)), "utf-8"))
