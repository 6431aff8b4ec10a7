"""What a button carries, at most 64 bytes: nothing personal, and it is checked again when it is pressed."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Answer(CallbackData, prefix="a"):
    """An answer to the running conversation. `serial`: of the screen it stands on, so that old buttons are known."""

    serial: int
    value: str


class Go(CallbackData, prefix="g"):
    """A deed that stands by itself, such as `follow`; `value`: what it is about, often an id."""

    deed: str
    value: str = ""


class Listen(CallbackData, prefix="l"):
    """Hear the text of this key."""

    key: str
