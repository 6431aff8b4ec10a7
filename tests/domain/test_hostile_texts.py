"""Each function that reads a text from outside needs at most 20 ms of processor time for any 4,096 characters."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from bot.process.logs import hidden
from conversations.budget.vote import asks_code
from conversations.people.menu import main
from conversations.signals.danger import points_to_danger
from domain import codes
from domain.budget import ballot_codes
from domain.cleaning import cleaned, one_line
from domain.folding import folded
from domain.money import cents_of
from domain.places import find
from domain.screens import Screen, Words
from domain.sealing import is_id
from handlers.chat.buttons import button_of
from handlers.chat.commands import command_of
from handlers.chat.links import link_of
from handlers.telegram.aiogram_lazily import MessageEntity
from handlers.telegram.callbacks import Answer, Go, Listen
from handlers.telegram.links import with_links
from handlers.telegram.render import render
from handlers.telegram.used_parts import used_parts
from locales.direction import bare, from_the_right, held, isolate
from locales.texts import nearest
from services.budget.plan_table import WrongRow, read
from tests.hostile import MOST_SECONDS, processor_seconds, shapes

MENU = main(unfinished=False)
LINKS = [
    MessageEntity(type="text_link", offset=place * 40, length=3, url="https://voorbeeld.example/" + "a" * 400)
    for place in range(100)
]


def _update(text: str) -> object:
    chat = {"id": 5, "type": "private"}
    return used_parts({"update_id": 1, "message": {"message_id": 1, "chat": chat, "text": text, text: text}})


def _asks_code(text: str) -> object:
    return asks_code(Screen((Words(text),)))


READERS: tuple[Callable[[str], object], ...] = (
    codes.read_code, codes.looks_like_code, codes.code_in,
    ballot_codes.read_code, ballot_codes.looks_like_code, ballot_codes.code_in, ballot_codes.code_word,
    ballot_codes.looks_like_receipt,
    points_to_danger, folded, cleaned, one_line, find, cents_of, is_id, hidden, nearest,
    command_of, link_of, Answer.unpack, Go.unpack, Listen.unpack,
    bare, isolate, from_the_right,
    _update, _asks_code,
)  # fmt: skip
MORE: dict[str, Callable[[str], object]] = {
    "a typed button": lambda text: button_of(text, MENU, "nl"),
    "a command": lambda text: command_of("/" + text),
    "an answer shown again": lambda text: render(Screen((Words(text),)), "ar"),
    "a caption": lambda text: render(Screen((Words(text), Words(text)), picture="a"), "nl"),
    "a name in a sentence": lambda text: held("ar", text),
    "links": lambda text: with_links(text, LINKS),
    "a table": read,
    "a column": lambda text: read(f"{text}\n{text}"),
    "a cell": lambda text: read(f"title_nl,cost\n{text}"),
    "a press": lambda text: Go.unpack(f"g:{text}"),
}


@pytest.mark.parametrize("reader", [*READERS, *MORE.values()], ids=[*(one.__qualname__ for one in READERS), *MORE])
def test_no_text_keeps_a_reader_busy(reader: Callable[[str], object]) -> None:
    def tried(text: str) -> None:
        # Refusing an unreadable text is right too.
        with suppress(ValueError, TypeError, WrongRow):
            reader(text)

    took = {name: processor_seconds(lambda text=text: tried(text)) for name, text in shapes().items()}  # type: ignore[misc]
    assert len(took) >= 40
    assert {name: seconds for name, seconds in took.items() if seconds > MOST_SECONDS} == {}


def test_a_code_in_the_midst_of_a_long_text_is_still_found() -> None:
    code = codes.new_code()
    assert codes.code_in("- " * 1500 + code + " -" * 400) == code
    ballot = ballot_codes.new_code()
    assert ballot_codes.code_in("1 " * 1000 + ballot_codes.shown(ballot) + " ja" * 400) == ballot


def test_danger_after_a_thousand_praises_is_heard() -> None:
    assert points_to_danger("\ufdfa " * 1000 + "سكين")
    assert folded("e\u0301\u0316" * 100 + "ﬃ½") == "e" * 100 + "ffi1⁄2"
