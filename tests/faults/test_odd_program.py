"""The whole program against odd answers of Telegram and of proxies, to every method that it uses.

Nothing is lost, nobody is marked as gone, no loop turns faster than its floor, and the program stays up.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.screens import Document, Screen, Venue, Words
from domain.signals.workflow import GivenFile
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.people import updates
from services.signals import reporting
from services.speaking import delivering
from services.work import Work
from simulator.phone import Phone
from storage.budget import rounds
from storage.engine.database import Database
from tests.faults.between import Between, between
from tests.faults.running import RunningBot, WatchedTelegram
from tests.faults.test_odd_answers import ODD
from tests.lives import Marks, here, report_of
from tests.opened import opened, rows
from tests.services.signals.test_fetching import photo

ALWAYS = ("getUpdates", "sendMessage", "answerCallbackQuery", "getFile", "file")
SENT = (
    "sendDocument", "sendVenue", "sendPhoto", "editMessageText", "editMessageCaption", "deleteMessages", "leaveChat",
)  # fmt: skip
PHONES = 20
STRANGER = 10_000_000
SHORT = ("a page with 200", "a proxy's 403", "ok false with 200", "reset", "no result")
SECONDS = 2.0
PLAN = "P" * 26


@dataclass
class Street:
    """The program behind the odd server, and people with phones.

    stands: chat -> the message in it that can be edited · texts: how many messages were put into the outbox.
    """

    odd: Between
    bot: RunningBot
    database: Database
    phones: list[Phone]
    stands: dict[int, int]
    texts: int = 0

    async def put(self, round_: int) -> None:
        """One message of each kind, to people in turn."""
        phone = self.phones[round_ % PHONES]
        chat, edited = phone.id, self.stands[phone.id]
        async with self.database.begin() as work:
            await self.say(work, chat, {})
            await self.say(work, chat, {"document": Document("x.ics", "BEGIN:VCALENDAR")})
            await self.say(work, chat, {"venue": Venue(52.36, 4.8, "x", "y")})
            await self.say(work, chat, {"picture": PLAN})
            await self.say(work, chat, {}, edit=edited)
            await self.say(work, chat, {"picture": PLAN}, edit=edited)
            await saying.leave(work, reach_of(-1000 - round_))
            await saying.heard(work, reach_of(chat), 10_000 + round_, f"thread {round_}")
            await saying.erase_from_phone(work, reach_of(chat), f"thread {round_}")
            mine = replace(report_of(Marks()), given=(GivenFile("voice", f"file {round_}", 12),))
            await reporting.report(
                work, (await here(work, STRANGER + round_)).reach, mine
            )  # one resident may not report so often

    async def say(self, work: Work, chat: int, more: dict[str, object], edit: int | None = None) -> None:
        """Put a message with words of its own into the outbox."""
        screen = replace(Screen((Words(f"bericht {self.texts}."),)), **more)  # type: ignore[arg-type]
        await saying.show(work, reach_of(chat), screen, edit=edit)
        self.texts += 1

    async def tap(self, round_: int) -> None:
        """Somebody presses a button: an update, an answer to the press, a screen in place of another."""
        phone = self.phones[round_ % PHONES]
        await phone.chat()
        for message in reversed(phone.seen["messages"]):
            for button in (button for row in message.get("buttons", []) for button in row if "data" in button):
                # By force: a phone may show a screen a little longer than the server has it.
                await phone.act("press", message_id=message["message_id"], data=button["data"], force=True)
                return
        await phone.says("/help")

    async def quiet(self, seconds: float) -> None:
        """Wait until all is said, fetched and kept. AssertionError when something is lost, TimeoutError when late."""
        async with asyncio.timeout(seconds):
            while (left := await self._left()) != Counter():
                assert self.bot.process is not None
                assert self.bot.process.returncode is None, self.bot.log.read_text()[-2000:]
                assert left.keys() <= {"waiting", "leased", "sending", "file waiting"}, left
                await asyncio.sleep(0.2)

    async def _left(self) -> Counter[str]:
        async with self.database.reading() as work:
            left = Counter(await delivering.waiting(work))
            left.update(f"file {row['state']}" for row in await rows(work, "attachments"))
            left.update("dead letter" for _ in range(await updates.buried(work)))
            left.update("marked as gone" for row in await rows(work, "people") if not row["reachable"])
        del left["file kept"]
        return +left


async def lived(folder: Path, database_url: str, names: tuple[str, ...], seconds: float) -> str:
    """Give each of these answers to every method, then to all requests for a while; one line about what was seen."""
    odd_ones = [ODD[name] for name in names]
    async with (
        WatchedTelegram("--thresholds", "raised") as telegram,
        between(telegram.url) as odd,
        RunningBot(folder, odd.url, database_url, more={"LOG_LEVEL": "INFO"}) as bot,
        opened(database_url, bot.keys) as database,
        AsyncExitStack() as stack,
    ):
        phones = [
            await stack.enter_async_context(await Phone.new(telegram.url, language_code="nl")) for _ in range(PHONES)
        ]
        stands = {}
        for phone in phones:
            for words in ("/start", "/help"):
                await phone.says(words)
                stands[phone.id] = (await phone.sees("", timeout=60))["message_id"]
        async with database.begin() as work:
            await rounds.put_photo(work, PLAN, PLAN, photo())
        here = Street(odd, bot, database, phones, stands)
        odd.odd = {method: deque(odd_ones) for method in (*ALWAYS, *SENT)}
        for number in range(len(odd_ones) + PHONES):
            await here.put(number)
        number = 0
        async with asyncio.timeout(seconds):
            while any(odd.odd.values()):
                await here.tap(number)
                number += 1
                if number % 20 == 0:
                    await here.put(number + 1000)
                await asyncio.sleep(0.2)
        await here.quiet(seconds)
        fastest = await floors(here, names)
        await here.quiet(seconds)
        ledger = await telegram.ledger()
        log = bot.log.read_text()
    said = {words for entry in ledger if (words := str(entry.get("text", "") or entry.get("caption", "")))}
    assert "fell over" not in log
    assert "could not be handled" not in log
    given = sum(odd.given.values())
    assert given == len(odd_ones) * len((*ALWAYS, *SENT))
    return f"{given} odd answers to {len(odd.given)} methods, {here.texts} messages, {len(said)} said; {fastest}"


async def floors(here: Street, names: tuple[str, ...]) -> Counter[str]:
    """Give each odd answer to all requests for `SECONDS`; the most that each method was asked in one such time."""
    most: Counter[str] = Counter()
    for number, name in enumerate(names):
        await here.put(5000 + number)
        await here.tap(number)
        here.odd.asked.clear()
        here.odd.always = ODD[name]
        await asyncio.sleep(SECONDS)
        here.odd.always = None
        most |= here.odd.asked
        assert here.odd.asked["getUpdates"] <= 12, name
        assert here.odd.asked.total() <= 60, (name, here.odd.asked)
        await asyncio.sleep(0.5)
    return most


async def test_odd_answers_lose_nothing(database_url: str, tmp_path: Path) -> None:
    print(await lived(tmp_path, database_url, SHORT, 60))


@pytest.mark.proof
async def test_sixty_odd_answers_to_every_method_lose_nothing(postgres_url: str, tmp_path: Path) -> None:
    print(await lived(tmp_path, postgres_url, tuple(ODD), 1200))
