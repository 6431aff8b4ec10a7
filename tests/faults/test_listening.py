"""The listener: each update once, in order per chat, never blocked, never lost when the database is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.listening.hook import BODY_LIMIT, PATH, Hook
from bot.listening.listener import Listener
from domain.screens import Screen, Text, Words
from handlers.chat.tap import Tap
from handlers.telegram.aiogram_lazily import Bot, CallbackQuery, Dispatcher, Message, Router
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.people import updates
from services.speaking import delivering
from services.work import DatabaseAway, Work
from storage.engine.database import Database
from tests.faults.running import SECRET, TOKEN

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Mouth:
    """A sender that remembers which presses it answered."""

    def __init__(self) -> None:
        self.answered: list[str] = []

    async def answer_press(self, query_id: str, toast: Text | None, language: str, *, alert: bool) -> None:
        """Remember it."""
        del toast, language, alert
        self.answered.append(query_id)


def message(update_id: int, text: str, chat: int = 5) -> dict[str, Any]:
    """A text in a private chat."""
    person = {"id": chat, "is_bot": False, "first_name": "A"}
    where = {"id": chat, "type": "private", "first_name": "A"}
    told = {"message_id": update_id, "date": 1795000000, "chat": where, "from": person, "text": text}
    return {"update_id": update_id, "message": told}


def press(update_id: int, chat: int = 5) -> dict[str, Any]:
    """A press in a private chat."""
    told = message(update_id, "x", chat)["message"]
    query = {"id": f"q{update_id}", "from": told["from"], "message": told, "chat_instance": "1", "data": "d"}
    return {"update_id": update_id, "callback_query": query}


class Desk:
    """A listener whose handler writes down what it hears; `bad` raises, `slow` waits."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heard: list[str] = []
        self.mouth = Mouth()
        self.away = 0
        router = Router()
        router.message.register(self._hear)
        router.callback_query.register(self._pressed)
        dispatcher = Dispatcher(disable_fsm=True)
        dispatcher.include_router(router)
        self.listener = Listener(self.begin, dispatcher, Bot(TOKEN), self.mouth, "nl")  # type: ignore[arg-type]

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A unit of work, unless the database is away."""
        if self.away > 0:
            self.away -= 1
            raise DatabaseAway("gone")
        async with self.database.begin() as work:
            yield work

    async def _hear(self, heard: Message, tap: Tap) -> None:
        words = heard.text or ""
        await saying.show(tap.work, reach_of(heard.chat.id), Screen((Words(words),)))
        if words == "slow":
            await asyncio.sleep(0.2)
        self.heard.append(words)
        if words == "bad":
            raise RuntimeError("something with a secret in its message")

    async def _pressed(self, _query: CallbackQuery, tap: Tap) -> None:
        tap.toast = Text("screens.stale.toast")

    async def counts(self) -> tuple[int, int]:
        """(rows that wait to be said, dead letters)."""
        async with self.database.reading() as work:
            waiting = await delivering.waiting(work)
            return waiting.get("waiting", 0), await updates.buried(work)


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk with an empty database."""
    return Desk(database)


async def test_an_update_that_comes_twice_acts_once(desk: Desk) -> None:
    await asyncio.gather(*(desk.listener.take(message(1, "a")) for _ in range(5)))
    assert desk.heard == ["a"]
    assert await desk.counts() == (1, 0)


async def test_a_chat_is_heard_in_order_and_others_do_not_wait_for_it(desk: Desk) -> None:
    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        if offset is None:
            return [message(1, "slow", 5), message(2, "after", 5), message(3, "other", 6)]
        desk.listener.stop()
        return []

    await desk.listener.poll(fetch)
    assert desk.heard.index("slow") < desk.heard.index("after")
    if not desk.database.is_sqlite:
        assert desk.heard.index("other") < desk.heard.index("slow")


async def test_a_flood_of_one_chat_holds_up_nobody_whose_update_comes_behind_it(desk: Desk) -> None:
    """Telegram gives a hundred updates at most, and none is confirmed before it is kept: other chats come later."""
    queue = [message(number, f"{number}", 5) for number in range(1, 241)] + [message(241, "other", 6)]
    asked: list[int] = []

    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        asked.append(offset or 0)
        if offset == 242:
            desk.listener.stop()
        return [raw for raw in queue if raw["update_id"] >= (offset or 0)][:100]

    await desk.listener.poll(fetch)
    ours = [words for words in desk.heard if words != "other"]
    assert ours == [f"{number}" for number in range(1, 241)]
    assert desk.heard.index("other") < 235
    assert asked == sorted(set(asked))  # who asks twice for one offset is slowed down by the server


async def test_an_offset_confirms_nothing_that_is_not_kept(desk: Desk) -> None:
    """One chat is slow, and the others behind it are done: their updates are fetched again, and handled once."""
    queue = [message(1, "slow", 5), *(message(number, f"{number}", number) for number in range(10, 30))]
    asked: list[int | None] = []

    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        asked.append(offset)
        assert offset is None or all(raw["message"]["text"] in desk.heard for raw in queue if raw["update_id"] < offset)
        if offset == 30:
            desk.listener.stop()
        return [raw for raw in queue if raw["update_id"] >= (offset or 0)]

    await desk.listener.poll(fetch)
    assert sorted(desk.heard) == sorted(raw["message"]["text"] for raw in queue)


async def test_the_webhook_hears_a_chat_in_order_too(desk: Desk) -> None:
    """Telegram may open several connections, and who types fast has sent two before the first is kept."""
    heard = [
        message(1, "slow", 5),
        *(message(number, f"{number}", 5) for number in range(2, 8)),
        message(8, "other", 6),
    ]
    await asyncio.gather(*(desk.listener.hook(raw) for raw in heard))
    assert [words for words in desk.heard if words != "other"] == ["slow", "2", "3", "4", "5", "6", "7"]
    if not desk.database.is_sqlite:
        assert desk.heard[0] == "other"


async def test_an_update_that_cannot_be_handled_is_kept_and_its_sender_hears_sorry(desk: Desk) -> None:
    await desk.listener.take(message(1, "bad"))
    await desk.listener.take(message(2, "good"))
    # Of the first only the dead letter and the apology were kept.
    assert await desk.counts() == (2, 1)


async def test_an_update_that_nobody_understands_is_kept_too(desk: Desk) -> None:
    await desk.listener.take({"update_id": 1, "message": {"chat": {"id": 5}, "surprise": True}})
    assert await desk.counts() == (1, 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"message": None},
        {"message": "x"},
        {"message": {}},
        {"message": {"chat": {"id": "x"}}},
        {"message": {"chat": {"id": float("inf")}}},
        {"callback_query": "x"},
        {"callback_query": {}},
        {"callback_query": {"from": {"id": 5}}},
        {"callback_query": {"id": "q", "message": "x", "from": {"id": []}}},
    ],
)
async def test_an_update_of_no_known_form_is_kept_and_holds_up_nobody(desk: Desk, broken: dict[str, Any]) -> None:
    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        if offset is None:
            return [{"update_id": 1} | broken, message(2, "after")]
        desk.listener.stop()
        return []

    await desk.listener.poll(fetch)
    assert desk.heard == ["after"]
    assert (await desk.counts())[1] == 1


@pytest.mark.parametrize("broken", [{}, {"update_id": 2**63}, {"update_id": -1}, {"update_id": "x"}, None, "x"])
async def test_polling_goes_on_after_what_is_no_update(desk: Desk, broken: Any) -> None:
    asked: list[int | None] = []

    async def fetch(offset: int | None, _seconds: int) -> list[Any]:
        asked.append(offset)
        if len(asked) == 1:
            return [broken]
        if len(asked) == 2:
            return [broken, message(2, "after")]
        desk.listener.stop()
        return []

    await desk.listener.poll(fetch)
    assert desk.heard == ["after"]
    assert asked == [None, None, 3]
    assert await desk.counts() == (1, 0)


async def test_a_database_that_is_away_loses_nothing_and_buries_nothing(desk: Desk) -> None:
    desk.away = 3
    asked: list[int | None] = []

    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        asked.append(offset)
        if offset is None:
            return [message(7, "a")]
        desk.listener.stop()
        return []

    await desk.listener.poll(fetch)
    assert desk.heard == ["a"]
    assert asked == [None, 8]
    assert await desk.counts() == (1, 0)


async def test_the_offset_stays_when_telegram_is_away_and_polling_goes_on(desk: Desk) -> None:
    asked: list[int | None] = []

    async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        asked.append(offset)
        if len(asked) == 1:
            return [message(7, "a")]
        if len(asked) == 2:
            raise OSError("no network")
        desk.listener.stop()
        return []

    await desk.listener.poll(fetch)
    assert asked == [None, 8, 8]


@pytest.fixture
async def hook(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The webhook over HTTP."""
    app = Hook(FastAPI(), desk.listener, SECRET)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def test_the_webhook_takes_nothing_without_its_secret(desk: Desk, hook: httpx.AsyncClient) -> None:
    for wrong in ({}, {HEADER: ""}, {HEADER: SECRET[:-1]}, {HEADER: SECRET + "x"}):
        assert (await hook.post(PATH, json=message(1, "a"), headers=wrong)).status_code == 401
    assert desk.heard == []


async def test_the_webhook_answers_after_the_commit_and_a_press_in_its_answer(
    desk: Desk, hook: httpx.AsyncClient
) -> None:
    told = await hook.post(PATH, json=message(1, "a"), headers={HEADER: SECRET})
    assert (told.status_code, told.content) == (200, b"")
    assert await desk.counts() == (1, 0)
    pressed = (await hook.post(PATH, json=press(2), headers={HEADER: SECRET})).json()
    assert pressed["method"] == "answerCallbackQuery"
    assert pressed["callback_query_id"] == "q2"
    assert pressed["text"]


async def test_the_webhook_asks_for_another_try_when_the_database_is_away(desk: Desk, hook: httpx.AsyncClient) -> None:
    desk.away = 1
    busy = await hook.post(PATH, json=message(1, "a"), headers={HEADER: SECRET})
    assert busy.status_code == 503
    assert int(busy.headers["Retry-After"]) > 0
    assert (await hook.post(PATH, json=message(1, "a"), headers={HEADER: SECRET})).status_code == 200
    assert desk.heard == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"update_id": "x"}',
        b"{" * 2000,
        b"[" * 100_000,
        b'{"update_id": 9223372036854775808}',
        b" " * (BODY_LIMIT + 1),
    ],
)
async def test_the_webhook_refuses_what_is_no_update(desk: Desk, hook: httpx.AsyncClient, body: bytes) -> None:
    assert (await hook.post(PATH, content=body, headers={HEADER: SECRET})).status_code == 400
    assert desk.heard == []
