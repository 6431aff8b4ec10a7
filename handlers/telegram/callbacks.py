"""The data that a button carries, at most 64 bytes: nothing personal, and checked again when it is pressed.

A hostile phone can send any data: data that does not fit one of these forms is no button of ours.
"""

from __future__ import annotations

from pydantic import Field

from handlers.telegram.aiogram_lazily import CallbackData

_WORD = r"^[A-Za-z0-9_.-]{0,48}$"


class Answer(CallbackData, prefix="a"):
    """An answer to the running conversation. `serial`: of the screen it stands on, so that old buttons are known."""

    serial: int
    value: str = Field(pattern=_WORD)


class Go(CallbackData, prefix="g"):
    """A deed that stands by itself, such as `follow`; `value`: what it is about, often an id."""

    deed: str = Field(pattern=_WORD)
    value: str = Field(default="", pattern=_WORD)


class Listen(CallbackData, prefix="l"):
    """Play the recording of the text with this key."""

    key: str = Field(pattern=_WORD)
