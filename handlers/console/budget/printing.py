"""Makes letters in a child process, so that taps go on: Arabic type takes 40 MB, thousands of pages take seconds."""

from __future__ import annotations

import asyncio
import json
import sys
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
from fontTools.ttLib import TTFont
from markupsafe import Markup

from services.budget.rounds import Round

LETTERS_AT_ONCE = 1000
FONT = Path(__file__).parents[1] / "fonts" / "DejaVuSans.ttf"  # Latin and Arabic in one; its licence lets us ship it
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class LetterSender:
    """Who the letters come from. bot: the bot's name on Telegram, without @."""

    bot: str
    name: str
    contact: str


def link_of(bot: str, code: str) -> str:
    """The link in the QR code of a letter: it opens the bot with the code already typed."""
    return f"https://t.me/{bot}?start=vote-{code}"


def drawn(link: str) -> Markup:
    """The QR code of a link, as an SVG for a page."""
    picture = BytesIO()
    segno.make(link, error="m").save(picture, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, light="#fff")
    return Markup(picture.getvalue().decode())  # noqa: S704 - drawn here, holds no text


def unprintable(words: Iterable[str]) -> list[str]:
    """The characters in these words that the letters' font can't draw, each once; invisible ones don't count."""
    signs = dict.fromkeys("".join(words))
    return [sign for sign in signs if ord(sign) not in _drawable() and not _is_unseen(sign)]


@cache
def _drawable() -> Container[int]:
    with TTFont(FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _is_unseen(sign: str) -> bool:
    """Whether a character is invisible: a blank, a mark of direction, a joiner, or a variation selector."""
    return sign.isspace() or unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"


async def printed(round_: Round, codes: Sequence[str], sender: LetterSender) -> bytes:
    """The letters as a PDF, made by letters.py. The codes go through a pipe, where no other process can read them.

    Raises RuntimeError when the child process fails.
    """
    given = {"round": asdict(round_), "codes": codes, "sender": asdict(sender)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "handlers.console.budget.letters", env={}, cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    pdf, _ = await child.communicate(json.dumps(given, default=datetime.isoformat).encode())
    if child.returncode != 0:
        raise RuntimeError("the letters could not be made")
    return pdf
