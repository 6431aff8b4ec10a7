"""Addresses behind words: kept beside the word, whatever stands around it."""

from typing import Any

import pytest

from handlers.telegram.aiogram_lazily import MessageEntity
from handlers.telegram.links import with_links
from tests.handlers.chat.phones import Phone

URL = "https://voorbeeld.example/77"


def linked(offset: int, length: int, url: str = URL) -> MessageEntity:
    """A word with an address behind it."""
    return MessageEntity(type="text_link", offset=offset, length=length, url=url)


@pytest.mark.parametrize(
    ("text", "entities", "shown"),
    [
        ("zie hier", [linked(4, 4)], f"zie hier ({URL})"),
        ("zie hier.", [linked(4, 4)], f"zie hier ({URL})."),
        ("😀😀 hier ja", [linked(5, 4)], f"😀😀 hier ({URL}) ja"),
        ("👨‍👩‍👧", [linked(0, 8)], f"👨‍👩‍👧 ({URL})"),
        ("انظر هنا الآن", [linked(5, 3)], f"انظر هنا ({URL}) الآن"),
        ("a b", [linked(2, 1, "https://b.example"), linked(0, 1, "https://a.example")],
         "a (https://a.example) b (https://b.example)"),
        ("abcd", [linked(0, 4, "https://a.example"), linked(1, 2, "https://b.example")],
         "abc (https://b.example)d (https://a.example)"),
        ("voorbeeld.example/77", [linked(0, 20)], "voorbeeld.example/77"),
        ("kort", [linked(2, 99)], f"kort ({URL})"),
        ("kort", [linked(-9, -9)], f" ({URL})kort"),
        ("😀", [linked(0, 1)], f"😀 ({URL})"),
        ("niets", None, "niets"),
        ("niets", [], "niets"),
    ],
)  # fmt: skip
def test_the_address_stands_after_its_words(text: str, entities: Any, shown: str) -> None:
    assert with_links(text, entities) == shown


def test_very_many_long_addresses_make_no_endless_text() -> None:
    many = [linked(place, 1, "https://a.example/" + "a" * 2000) for place in range(100)]
    assert len(with_links("a" * 200, many)) < 5000


async def test_the_address_is_in_the_story_and_under_a_photo(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    bold = {"type": "bold", "offset": 0, "length": 8}
    link = {"type": "text_link", "offset": 4, "length": 4, "url": URL}
    await phone.sends(text="zie hier", entities=[bold, link])
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
    other = {**link, "url": "https://voorbeeld.example/88"}
    await phone.sends(photo=photo, caption="zie foto", caption_entities=[other, {"type": "newer"}])
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    assert f"zie hier ({URL})" in phone.last.text
    assert "zie foto (https://voorbeeld.example/88)" in phone.last.text


async def test_an_address_that_is_added_by_editing_is_kept(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    number = await phone.says("zie hier")
    link = {"type": "text_link", "offset": 4, "length": 4, "url": URL}
    edited = phone._message(number) | {"text": "zie hier", "entities": [link], "edit_date": 1}
    await phone.bench.take({"edited_message": edited})
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    assert URL in phone.last.text
