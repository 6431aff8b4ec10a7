"""Residents who do anything at any time: every move is answered, nothing breaks, nothing half is left."""

import random
from collections.abc import Awaitable, Callable, Sequence

import pytest

from conversations.flows import FLOWS
from tests.handlers.chat.phones import Bench, Phone
from tests.rounds import open_round

MOVES = 60
TEXTS = (
    "Harde muziek", "Wildeman", "een mes", "1", "2", "5", "ja", "nee", "versturen", "terug", "SNW-2222-2222", "😀",
    "a" * 3500, "\u202e", "/onzin", "<b>&amp;", "gisteren", "overlast in de buurt",
)  # fmt: skip
COMMANDS = (
    "/start", "/start tr-FA08-report", "/help", "/taal", "/melden", "/mijn", "/privacy", "/mijngegevens", "/settings",
    "/cancel", "/stop", "/wis", "/agenda", "/start meet-aaaaaaaaaaaaaaaaaaaaaaaaaa", "/nieuws", "/start test-x",
    "/stem", "/start vote-0000000000000A",
)  # fmt: skip
NONSENSE = (
    "a:1:yes", "a::", "g:erase_all:", "g:follow:\u0000", "l:x", "g:mine:99999", "g:choose:9.9.9", "g:plan:x",
    "g:cast:", "g:receipt:x", "g:ballot:-1", "g:result:x.y", "g:vote:x", "g:round:x", "g:come:x", "g:agenda:9",
    "g:news_fewer:",
)  # fmt: skip
CONTENTS: tuple[dict[str, object], ...] = (
    {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 9}},
    {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}], "caption": "een foto"},
    {"location": {"latitude": 52.3621, "longitude": 4.8013}},
    {"contact": {"phone_number": "0", "first_name": "x"}},
    {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                 "is_animated": False, "is_video": False}},
)  # fmt: skip


def _move(chance: random.Random, phone: Phone, codes: Sequence[str]) -> Callable[[], Awaitable[object]]:
    buttons = [(data, message.id) for message in phone.messages[-4:] for data in message.buttons.values()]
    newest = [(data, phone.last.id) for data in phone.last.buttons.values()] if phone.messages else []
    kind = chance.random()
    if newest and kind < 0.45:
        pressed = chance.choice(newest)
        return lambda: phone.presses(*pressed)
    if buttons and kind < 0.55:
        pressed = chance.choice(buttons)
        return lambda: phone.presses(*pressed)
    if kind < 0.60:
        nonsense = chance.choice(["", "x", *NONSENSE])
        return lambda: phone.presses(nonsense, 5)
    if kind < 0.85:
        text = chance.choice((*TEXTS, *codes))
        return lambda: phone.says(text)
    if kind < 0.93:
        command = chance.choice(COMMANDS)
        return lambda: phone.says(command)
    content = chance.choice(CONTENTS)
    return lambda: phone.sends(**content)


@pytest.mark.parametrize("seed", range(6))
async def test_every_move_is_answered_and_the_conversation_can_always_be_ended(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    phone = bench.phone(1, chance.choice(["nl", "en", "tr", "ar"]))
    async with bench.database.begin() as work:
        _, codes = await open_round(work, 3)
    for _ in range(MOVES):
        answers = phone.answers + len(phone.toasts)
        await _move(chance, phone, codes)()
        assert phone.answers + len(phone.toasts) > answers
    await phone.arrives()
    for _ in range(len(FLOWS)):
        await phone.says("/cancel")
        await phone.says("/start")
    assert "g:report:" in phone.last.buttons.values()
    assert "g:resume:" not in phone.last.buttons.values()
