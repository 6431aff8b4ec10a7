"""Turns a Screen into what Telegram shows, in one language: HTML of at most 4096 characters, and its keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from conversations.engine.fitting import numbers_of
from conversations.engine.spoken import spoken
from domain.screens import Button, Line, Screen, Text, Words
from handlers.chat.buttons import label_of
from handlers.telegram.callbacks import Answer, Go, Listen
from locales import texts

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024
_GAP = "\n\n"
# The code of a signal; Telegram copies text in <code> when it is touched.
_CODE = re.compile(r"\bSNW-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message to send: html, rows of inline buttons ({"text", "callback_data" | "url"}), and the reply keyboard.

    share_location: the label of a reply key that shares the phone's place; `keyboard` then goes below it as keys
    that only type their text. remove_keyboard: take away such keys of an earlier screen.
    """

    html: str
    keyboard: tuple[tuple[dict[str, str], ...], ...] = ()
    share_location: str | None = None
    remove_keyboard: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    quoted: bool


def render(screen: Screen, language: str) -> Rendered:
    """The screen for a reader of `language`. Residents' words are quoted, escaped and, if need be, cut with "…"."""
    limit = CAPTION_LIMIT if screen.document or screen.picture else MESSAGE_LIMIT
    pieces = [_piece(line, language) for line in screen.lines]
    html = _GAP.join(_html(piece) for piece in _fitting(pieces, limit))
    keyboard = tuple(tuple(row) for row in _rows(screen, language))
    return Rendered(
        html,
        keyboard,
        texts.say(language, "screens.button.location") if screen.ask_location else None,
        remove_keyboard=not keyboard and not screen.ask_location,
    )


def _piece(line: Line, language: str) -> _Piece:
    return _Piece(line.words, True) if isinstance(line, Words) else _Piece(spoken(line, language), False)


def _fitting(pieces: list[_Piece], limit: int) -> list[_Piece]:
    """The pieces cut to the limit, the longest quotation first: our own sentences say what to do next."""
    while (over := sum(len(piece.text) for piece in pieces) + len(_GAP) * (len(pieces) - 1) - limit) > 0:
        longest = max(range(len(pieces)), key=lambda at: (pieces[at].quoted, len(pieces[at].text)))
        text = pieces[longest].text
        if len(text) < 2:
            pieces = pieces[:longest] + pieces[longest + 1 :]
            continue
        pieces[longest] = replace(pieces[longest], text=text[: max(0, len(text) - over - 1)] + "…")
    return pieces


def _html(piece: _Piece) -> str:
    if piece.quoted:
        return f"<blockquote>{escape(piece.text, quote=False)}</blockquote>"
    return _CODE.sub(r"<code>\g<0></code>", escape(piece.text, quote=False))


def _rows(screen: Screen, language: str) -> Iterator[list[dict[str, str]]]:
    numbers = numbers_of(screen)
    for row in screen.buttons:
        yield [_button(button, screen, language, numbers.get(id(button))) for button in row]
    listenable = (line.key for line in screen.lines if isinstance(line, Text))
    if (key := next((key for key in listenable if texts.recording(language, key)), None)) and not screen.ask_location:
        label = texts.say(language, "screens.button.listen")
        yield [{"text": label, "callback_data": Listen(key=key).pack()}]


def _button(button: Button, screen: Screen, language: str, number: int | None) -> dict[str, str]:
    label = label_of(button, language)
    text = f"{number}. {label}" if number else label
    if button.url is not None:
        return {"text": text, "url": button.url}
    if button.go is not None:
        return {"text": text, "callback_data": Go(deed=button.go, value=button.value).pack()}
    return {"text": text, "callback_data": Answer(serial=screen.serial or 0, value=button.answer or "").pack()}
