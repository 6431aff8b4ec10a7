"""A resident's talk with the bot in their own language, whatever their door: they say, choose and see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.reach import Reach
from locales.texts import bare, say
from tests.handlers.chat.phones import Bench
from tests.handlers.every_door.plain import PlainPhone

DOORS = ("telegram", "plain")


class Door(Protocol):
    """A phone at some door."""

    @property
    def reach(self) -> Reach: ...
    @property
    def text(self) -> str: ...
    @property
    def buttons(self) -> Mapping[str, str]: ...
    async def says(self, text: str) -> Any: ...
    async def taps(self, label: str) -> Any: ...


@dataclass
class Talk:
    """One resident: their phone and their language."""

    phone: Door
    language: str

    def words(self, key: str, count: int | None = None, **values: str | int) -> str:
        """A text of ours in their language."""
        return say(self.language, key, values, count)

    async def says(self, text: str) -> None:
        """Types a text."""
        await self.phone.says(text)

    async def chooses(self, key: str, count: int | None = None, **values: str | int) -> None:
        """Presses the button with these words; where there is none, types them."""
        await self.phone.taps(self.words(key, count, **values))

    async def chooses_words(self, label: str) -> None:
        """The same for a button that is named by somebody's own words."""
        await self.phone.taps(label)

    def sees(self, key: str, count: int | None = None, **values: str | int) -> None:
        """Raises AssertionError when the newest screen does not say this. A value `…` stands for anything."""
        wanted = re.escape(bare(self.words(key, count, **values))).replace("…", ".+")
        assert re.search(wanted, bare(self.phone.text)), f"no {wanted!r} in {self.phone.text!r}"

    def offers(self, label: str) -> bool:
        """Whether the newest screen has a button with these words, or tells of it."""
        return label in "\n".join((self.phone.text, *self.phone.buttons))

    def sees_words(self, words: str) -> None:
        """Raises AssertionError when the newest screen does not hold these words."""
        assert words in bare(self.phone.text), f"no {words!r} in {self.phone.text!r}"

    def found(self, pattern: str) -> str:
        """What the newest screen holds of this form."""
        found = re.search(pattern, bare(self.phone.text))
        assert found, f"no {pattern!r} in {self.phone.text!r}"
        return found[0]

    async def arrives(self) -> None:
        """Past language and warning, to the main menu."""
        await self.says("/start")
        await self.chooses_words({"nl": "Nederlands", "ar": "العربية"}[self.language])
        self.sees("people.warning.danger", now="112")
        await self.chooses("people.button.understood")
        self.sees("people.menu.ask")


def talk(bench: Bench, door: str, language: str, number: int = 1) -> Talk:
    """A new resident at this door."""
    phone = bench.phone(number, language) if door == "telegram" else PlainPhone(bench, f"line-{number}", language)
    return Talk(phone, language)
