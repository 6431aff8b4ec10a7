"""Hostile texts through every door of the chat: the whole way of a message, database and all, in 20 ms."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.handlers.chat.phones import Bench, Phone
from tests.hostile import LENGTH, MOST_SECONDS, shapes
from tests.rounds import open_round

TRIES = 4
LINK = {"type": "text_link", "offset": 7, "length": 9, "url": "https://voorbeeld.example/77"}
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
# The repeats alone; what stands before and after them is tried on each reader (tests/domain/test_hostile_texts.py).
SHAPES = {name: text for name, text in shapes().items() if name.startswith("''") and name.endswith("'x'")}


def _doors(phone: Phone, text: str) -> Mapping[str, dict[str, Any]]:
    message = phone._message(next(phone.bench.ids))
    press = {"id": "1", "from": message["from"], "chat_instance": "1", "message": message}
    file = {"file_id": "d", "mime_type": text, "file_name": text}
    return {
        "a text": {"message": message | {"text": text, "entities": [LINK]}},
        "a caption": {"message": message | {"photo": PHOTO, "caption": text, "media_group_id": text}},
        "a correction": {"edited_message": message | {"text": text}},
        "a link": {"message": message | {"text": f"/start {text}"[:LENGTH]}},
        "a press": {"callback_query": press | {"data": text}},
        "a press of ours": {"callback_query": press | {"data": f"g:code:{text}"}},
        "a file": {"message": message | {"document": file}},
        "a language": {"message": message | {"text": "x", "from": message["from"] | {"language_code": text}}},
    }


async def _slow(bench: Bench, phone: Phone, state: str) -> dict[str, float]:
    """What took too long, by state, door and shape."""
    found = {}
    for name, text in SHAPES.items():
        for door in _doors(phone, text):
            least = float("inf")
            for _ in range(TRIES):
                update = _doors(phone, text)[door]
                began = time.process_time()
                await bench.take(update)
                least = min(least, time.process_time() - began)
                if least < MOST_SECONDS / 2:
                    break
            if least > MOST_SECONDS:
                found[f"{state}, {door}, {name}"] = least
    return found


@pytest.mark.parametrize("state", ["before anything", "nothing asked", "a story", "where", "a voting code"])
async def test_no_text_holds_up_the_program_at_any_door(bench: Bench, phone: Phone, state: str) -> None:
    assert len(SHAPES) >= 40
    if state == "a voting code":
        async with bench.database.begin() as work:
            await open_round(work, 1)
    if state != "before anything":
        await phone.arrives()
    if state in ("a story", "where"):
        await phone.says("/melden")
    if state == "where":
        await phone.says("Harde muziek")
        await phone.taps("Overlast")
    if state == "a voting code":
        await phone.says("/stem")
    bench.silent = True
    assert await _slow(bench, phone, state) == {}
