"""The smallest door: plain text in, plain text out, no changes, no files, two buttons a message.

It shows that nothing above a door knows Telegram: it imports nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from conversations.engine.answers import Tapped, Typed
from conversations.engine.fitting import Capabilities, fitted, numbers_of, parts_of
from conversations.engine.spoken import spoken
from domain.reach import Reach
from domain.screens import Button, Line, Screen, Words
from handlers.chat.buttons import label_of
from handlers.chat.door import Came, Nonsense, Went
from handlers.chat.tap import Tap
from services.outbox.envelopes import Envelope
from services.people import updates
from tests.handlers.chat.phones import Bench

DOOR = "plain"
CAPABILITIES = Capabilities(text=500, buttons=2, files=False, places=False, deletes=False)


@dataclass(frozen=True)
class PlainMessage:
    """What is sent: a text, and what each of at most two buttons sends back."""

    text: str
    buttons: dict[str, str] = field(default_factory=dict)


def understand(address: str, raw: dict[str, str], language: str | None) -> Came:
    """A line that came: {"text": …}, or {"press": …} with what a button sends back."""
    if "press" not in raw:
        return Came(Reach(DOOR, address), Typed(raw["text"].strip()), language)
    match raw["press"].split(" "):
        case ["go", deed, value]:
            return Came(Reach(DOOR, address), Went(deed, value), language)
        case ["answer", serial, value] if serial.isdecimal():
            return Came(Reach(DOOR, address), Tapped(value, int(serial)), language)
    return Came(Reach(DOOR, address), Nonsense(), language)


def render(screen: Screen, language: str) -> list[PlainMessage]:
    """The messages that say a screen; its buttons stand under the last one."""
    numbers = numbers_of(screen)
    seen = fitted(screen, CAPABILITIES)
    buttons = {}
    for row in seen.buttons:
        for button in row:
            number = numbers.get(id(button))
            label = label_of(button, language)
            buttons[f"{number}. {label}" if number else label] = _sends(button, screen)
    parts = list(parts_of("\n\n".join(_words(line, language) for line in seen.lines), CAPABILITIES.text))
    return [*(PlainMessage(part) for part in parts[:-1]), PlainMessage(parts[-1] if parts else "", buttons)]


def _words(line: Line, language: str) -> str:
    return line.words if isinstance(line, Words) else spoken(line, language)


def _sends(button: Button, screen: Screen) -> str:
    if button.url is not None:
        return button.url
    return f"go {button.go} {button.value}" if button.go else f"answer {screen.serial or 0} {button.answer}"


@dataclass
class PlainPhone:
    """Somebody who has nothing but plain text. messages: all that they got; screens: as many messages as each took."""

    bench: Bench
    address: str
    language: str | None
    messages: list[PlainMessage] = field(default_factory=list)
    screens: list[int] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """The bench says to it what is for it."""
        self.bench.phones[self.reach] = self

    @property
    def reach(self) -> Reach:
        """Where they are answered."""
        return Reach(DOOR, self.address)

    @property
    def text(self) -> str:
        """The text of the newest screen."""
        return "\n\n".join(message.text for message in self.messages[-self.screens[-1] :])

    @property
    def buttons(self) -> dict[str, str]:
        """The buttons under it."""
        return self.messages[-1].buttons

    def receives(self, envelope: Envelope, language: str) -> int | None:
        """Something is said: always in new messages. Raises AssertionError for what this door can't do."""
        assert not envelope.delete, "this door can't remove messages"
        if envelope.screen is None:
            return None
        sent = render(envelope.screen, language)
        for message in sent:
            assert len(message.text) <= CAPABILITIES.text
            assert len(message.buttons) <= 2
        self.messages += sent
        self.screens.append(len(sent))
        return len(self.messages)

    async def says(self, text: str) -> None:
        """Types a text."""
        await self._comes({"text": text})

    async def taps(self, label: str) -> None:
        """Presses a button with these words; where they only stand in the text, types them."""
        found = next((sent for words, sent in self.buttons.items() if label in words), None)
        if found is not None:
            await self._comes({"press": found})
            return
        assert label in self.text, f"no {label!r} in {self.text!r} nor among {list(self.buttons)}"
        await self.says(label)

    async def _comes(self, raw: dict[str, str]) -> None:
        number = next(self._numbers)
        for _ in range(2):  # a network that is not sure sends it again
            async with self.bench.database.begin() as work:
                tap = Tap(work=work)
                if await updates.first_time(work, self.reach.plain, number):
                    await self.bench.entrance.enter(tap, understand(self.address, raw, self.language), CAPABILITIES)
            if tap.toast is not None:
                self.receives(Envelope(self.reach, Screen((tap.toast,))), tap.who.language)
            await self.bench.answer()
