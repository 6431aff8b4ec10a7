"""An invitation to 300 neighbours: 90 have left Telegram, it is paused and resumed, and the bot is killed twice."""

import asyncio
import json
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from domain.staff.rights import StaffRole
from locales.texts import bare, say
from services.staff import accounts
from simulator.phone import Phone
from tests.faults.inviting import Street, most_in_a_second, open_street
from tests.neighbours import LANGUAGES, TEXTS

NEIGHBOURS, GONE = 300, 90


class Desk:
    """An organiser's program, which uses the API over HTTP."""

    def __init__(self, street: Street, token: str) -> None:
        self.street, self.token = street, token

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send one request to the API; the JSON answer. Raises HTTPError when it is refused."""
        return await asyncio.to_thread(self._ask, method, path, body)

    def _ask(self, method: str, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.street.bot.url}/api/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    async def until(self, path: str, condition: Callable[[Counter[str]], bool]) -> Counter[str]:
        """Wait until the condition holds for the counts of recipients by state; those counts.

        They are counted from the rows themselves, because the API's report hides small groups. Raises TimeoutError.
        """
        async with asyncio.timeout(120):
            while not condition(report := await self.street.report(path.rpartition("/")[2])):
                await asyncio.sleep(0.2)
        return report


async def opts_in(phone: Phone, language: str) -> None:
    """Go from the first contact to having opted in to news, in the resident's own language."""
    await phone.starts()
    await phone.sees(bare(say("nl", "people.language.ask")))
    await phone.taps(f"g:language:{language}")
    await phone.sees("112")
    await phone.taps("g:accept:")
    await phone.sees(bare(say(language, "people.menu.ask")))
    await phone.says("/nieuws")
    await phone.sees(bare(say(language, "news.where.how"))[:20])
    await phone.taps(say(language, "news.button.all"))
    await phone.sees(bare(say(language, "news.where.all")))
    await phone.taps(say(language, "news.button.usual"))
    await phone.sees("/nieuws")


async def test_three_hundred_neighbours_are_invited(sqlite_url: str, tmp_path: Path) -> None:
    others = NEIGHBOURS - len(LANGUAGES)
    async with open_street(tmp_path / "bot", sqlite_url, others, GONE) as street, AsyncExitStack() as at_the_end:
        # Given 300 neighbours of four languages who want news, of whom 90 have left Telegram without a word
        phones = [
            await at_the_end.enter_async_context(await Phone.new(street.telegram.url, name=f"Buur {language}"))
            for language in LANGUAGES
        ]
        for phone, language in zip(phones, LANGUAGES, strict=True):
            await opts_in(phone, language)
        async with street.database.begin() as work:
            await accounts.create(work, "noor@office.example", StaffRole.ORGANISER)
            token = await accounts.new_token(work, "noor@office.example")
        desk = Desk(street, token)

        # When an organiser writes an invitation and counts whom it reaches
        path = f"/broadcasts/{(await desk.ask('POST', '/broadcasts', {'texts': TEXTS}))['id']}"
        found = await desk.ask("GET", path)
        in_steps = others // len(LANGUAGES) // 5 * 5 * len(LANGUAGES)
        assert (found["audience"]["total"], found["undecided"]) == (in_steps, []), "single readers are not in the total"
        assert {cell["readers"] for cell in found["audience"]["cells"] if not cell["neighbourhood"]} == {None}

        # And sees it first on a phone of the office
        async with await Phone.new(street.telegram.url, name="Noor", language_code="nl") as office:
            command = (await desk.ask("POST", f"{path}/tests"))["command"]
            await office.says(command)
            await office.sees("Kies je taal")
            await office.taps("g:language:nl")
            await office.sees("112")
            await office.taps("g:accept:")
            await office.sees(TEXTS["nl"])

        # And sends it, and the bot is killed while it goes out
        version = (await desk.ask("GET", path))["version"]
        preview = await desk.ask("GET", f"{path}/preview")
        assert (preview["test_first"], preview["second_person"], preview["texts"]) == (False, "", TEXTS)
        seen = preview["seen"]
        assert (await desk.ask("POST", f"{path}/acts", {"act": "send", "version": version, "seen": seen})) == {
            "state": "sending"
        }
        await desk.until(path, lambda report: report["sent"] >= 30)
        await street.kill_in_flight()

        # And pauses it in the middle
        await desk.until(path, lambda report: report["sent"] >= 70)
        await desk.ask("POST", f"{path}/acts", {"act": "pause", "version": 1})
        paused_at = (await street.telegram.get("/sim/clock"))["now"]
        before = await desk.until(path, lambda report: report["sending"] == 0)
        await street.kill()
        assert await desk.until(path, lambda _: True) == before
        late = [one for one in await street.invitations() if one["at"] > paused_at + 1]
        assert late == []
        assert before["waiting"] > 100

        # And resumes it
        version = (await desk.ask("GET", path))["version"]
        await desk.ask("POST", f"{path}/acts", {"act": "resume", "version": version})
        report = await desk.until(path, lambda report: report["waiting"] + report["sending"] == 0)

        # Then each neighbour has it once at most, and the report adds up
        arrived = await street.invitations()
        counted = Counter(one["chat"] for one in arrived)
        assert max(counted.values()) == 1
        assert report.total() == NEIGHBOURS
        assert set(report) <= {"sent", "blocked", "uncertain"}
        assert GONE - report["uncertain"] <= report["blocked"] <= GONE
        assert report["sent"] <= len(counted) <= NEIGHBOURS - GONE
        assert report["uncertain"] <= 2 * 8
        told = (await desk.ask("GET", path))["report"]
        assert set(told) == set(report)
        assert all(times is None or 5 <= times <= report[state] for state, times in told.items())
        assert not set(counted) & street.blocked
        assert most_in_a_second(await street.sends()) <= 30
        print(dict(report), "most in a second", most_in_a_second(await street.sends()))

        # And each reads it in their own language, and can have fewer or none
        for phone, language in zip(phones, LANGUAGES, strict=True):
            if phone.id not in counted:
                continue  # killed at that very moment: uncertain, and never sent again
            await phone.chat()
            assert TEXTS[language] in phone.shown()
            await phone.taps("g:news_fewer:")
            await phone.sees(bare(say(language, "news.often.fewer"))[:12])
            await phone.taps("g:news_stop:")
            await phone.sees("/nieuws")
