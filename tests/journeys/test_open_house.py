"""An open house with 8 places and 12 guests in four languages: a waiting line, a move, reminders, a cancellation."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from bot.process.clock import make_clock
from conversations.engine.spoken import spoken
from domain.screens import Moment
from domain.wall_clock import TIMEZONE, wall_of
from locales.texts import say
from simulator.phone import Phone
from tests.browser import start_browser
from tests.faults.journeys import presses, says
from tests.journeys.demo import Demo
from tests.journeys.screens import Page

EMAIL = "organiser@office.example"
LANGUAGES = ("nl", "en", "tr", "ar")
THEMES = {"nl": "Open huis over groen", "en": "Open house on green", "tr": "Yeşil için açık ev", "ar": "بيت مفتوح"}
PLACES, PEOPLE = 8, 12


class MovedDemo(Demo):
    """The program with a clock that the test moves."""

    @property
    def offset(self) -> Path:
        """The file with the number of seconds by which the clock is moved."""
        return self.folder / "clock"

    def environment(self) -> dict[str, str]:
        """The environment variables of the program, with the file that moves its clock."""
        return super().environment() | {"BUURTSTEM_CLOCK": f"file:{self.offset}"}

    def now(self) -> datetime:
        """The program's present moment, aware UTC."""
        return make_clock(f"file:{self.offset}")()

    def go_to(self, moment: datetime) -> None:
        """Move the program's clock to that moment."""
        new = self.offset.with_suffix(".new")
        new.write_text(str((moment - make_clock("")()).total_seconds()))
        new.replace(self.offset)


def at(day: datetime, hour: int) -> datetime:
    """The moment (aware UTC) of that hour, by the clock in Amsterdam, on that day."""
    return datetime.combine(wall_of(day).date(), time(hour), TIMEZONE).astimezone(UTC)


class Guest:
    """A resident with a phone and a language, who signs up and counts what the bot sent."""

    def __init__(self, phone: Phone, language: str) -> None:
        self.phone, self.language = phone, language

    @classmethod
    async def new(cls, url: str, number: int) -> Self:
        """Add guest `number` (from 0) to the phone page; the four languages take turns."""
        language = LANGUAGES[number % 4]
        return cls(await Phone.new(url, name=f"Gast {number + 1}", language_code=language), language)

    def say(self, key: str, count: int | None = None) -> str:
        return say(self.language, key, {}, count)

    async def comes_from_a_poster(self, meeting_id: str) -> None:
        """Open the poster's link, choose a language, accept the warning, press "I come": the bot asks with how many."""
        await says(self.phone, f"/start meet-{meeting_id}", then="g:language:nl")
        await presses(self.phone, f"g:language:{self.language}", then="g:accept:")
        await presses(self.phone, "g:accept:", then=f"g:come:{meeting_id}")
        await presses(self.phone, f"g:come:{meeting_id}", then="1")

    async def comes_alone(self, meeting_id: str) -> None:
        await presses(self.phone, "1", then=f"g:stay_away:{meeting_id}")

    async def messages(self) -> list[dict[str, Any]]:
        return list((await self.phone.chat())["messages"])

    async def times(self, key: str, count: int | None = None) -> int:
        """How many messages of the bot hold the text of this key, in the guest's language."""
        words = self.say(key, count)
        return sum(words in str(one.get("text", "")) for one in await self.messages() if one["from"] == "bot")


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    """Wait until the condition holds. Raises AssertionError, which names `what`, after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


async def told(guests: Sequence[Guest], key: str, count: int | None = None) -> list[int]:
    """How many times each guest was sent the text of this key, in the order of `guests`."""
    return list(await asyncio.gather(*(guest.times(key, count) for guest in guests)))


async def all_told(guests: Sequence[Guest], key: str, count: int | None = None) -> None:
    """Wait until each guest was sent the text of this key at least once."""

    async def done() -> bool:
        return all(await told(guests, key, count))

    await until(done, key)


async def test_an_open_house_with_eight_places_and_twelve_people(tmp_path: Path) -> None:
    demo = MovedDemo(tmp_path)
    tomorrow = make_clock("")() + timedelta(days=1)
    demo.go_to(at(tomorrow, 12))
    with demo:
        chrome = start_browser(tmp_path / "chromium", width=1280, height=1000)
        guests = [await Guest.new(demo.telegram, number) for number in range(PEOPLE)]
        try:
            await _walk(demo, chrome, guests, at(tomorrow + timedelta(days=7), 14))
        finally:
            chrome.quit()
            for guest in guests:
                await guest.phone.close()


async def _walk(demo: MovedDemo, chrome: Chrome, guests: list[Guest], starts: datetime) -> None:
    # Given an open house with 8 places, planned and published by an organiser on the console
    printed = demo.command("staff", "create", EMAIL, "--role", "organiser")
    link = next(word for word in printed.split() if word.startswith("http"))
    meeting_id = _plan(demo, chrome, link, starts)

    # When 12 people in four languages come from the poster, and sign up one after another
    await asyncio.gather(*(guest.comes_from_a_poster(meeting_id) for guest in guests))
    for guest in guests:
        await guest.comes_alone(meeting_id)

    # Then 8 have a place and 4 stand in line, in order
    last = [guest.phone.last["text"] for guest in guests]
    assert [guest.say("meetings.rsvp.coming", 1) in words for guest, words in zip(guests, last, strict=True)] == (
        [True] * PLACES + [False] * 4
    )
    for place, guest in enumerate(guests[PLACES:], 1):
        assert say(guest.language, "meetings.rsvp.waiting", {"place": place}, 1) in guest.phone.last["text"]
    dutch, arab = guests[0], guests[11]
    _picture_of_phones(demo, chrome, (dutch, arab), "rsvp")
    _pictures_of_console(demo, chrome, meeting_id)
    for guest in (dutch, arab):
        await says(guest.phone, "/agenda", then=f"g:meeting:{meeting_id}")
    _picture_of_phones(demo, chrome, (dutch, arab), "agenda")
    await _place_and_calendar(dutch, meeting_id, sequence=0)

    # When the meeting is moved by a day
    token = demo.command("staff", "token", EMAIL).split()[-1]
    async with httpx.AsyncClient(base_url=f"{demo.url}/api/v1", headers={"Authorization": f"Bearer {token}"}) as api:
        starts = at(starts + timedelta(days=1), 14)
        await _move(api, meeting_id, starts)

        # Then all 12 are told at once, with the new time in their language
        await all_told(guests, "meetings.news.moved")
        for guest in guests:
            (moved,) = [
                one["text"] for one in await guest.messages() if guest.say("meetings.news.moved") in one.get("text", "")
            ]
            assert spoken(Moment(starts), guest.language) in moved
        await _place_and_calendar(dutch, meeting_id, sequence=1)

        # When the day before the new date comes, the 8 are told
        demo.go_to(at(starts - timedelta(days=1), 18))
        await all_told(guests[:PLACES], "meetings.left.tomorrow")

        # When one of them cancels, from the reminder itself
        leaver, next_in_line = guests[2], guests[PLACES]
        await presses(leaver.phone, f"g:stay_away:{meeting_id}", then=leaver.say("meetings.rsvp.left"))

        # Then the first in line gets the place and is told so
        await all_told([next_in_line], "meetings.news.place")
        _picture_of_phones(demo, chrome, (guests[0], guests[3]), "reminded")
        assert await told(guests[PLACES + 1 :], "meetings.news.place") == [0, 0, 0]

        # And two hours before, the 8 who have a place then are told, and nobody else
        demo.go_to(starts - timedelta(hours=2))
        coming = [guest for guest in guests[: PLACES + 1] if guest is not leaver]
        await all_told(coming, "meetings.left.hours", 2)
        found = await _settled(api, meeting_id)
    assert {(one["why"], one["state"]): one["times"] for one in found["told"]} == {
        ("day_before", "sent"): 5, ("moved", "sent"): 10, ("place", "sent"): None, ("two_hours", "sent"): 5
    }  # fmt: skip
    assert (found["coming"], found["waiting"]) == (5, None)

    # And each was told each thing once at most
    assert await told(guests, "meetings.news.moved") == [1] * PEOPLE
    assert await told(guests, "meetings.left.tomorrow") == [1] * PLACES + [0] * 4
    assert await told(guests, "meetings.left.hours", 2) == [int(guest in coming) for guest in guests]


async def _move(api: httpx.AsyncClient, meeting_id: str, starts: datetime) -> None:
    found = (await api.get(f"/meetings/{meeting_id}")).json()
    kept = {name: found[name] for name in ("theme", "about", "access", "place", "address", "point", "capacity")}
    when = {"starts": wall_of(starts).isoformat(), "ends": wall_of(starts + timedelta(hours=2)).isoformat()}
    moved = await api.put(f"/meetings/{meeting_id}", json={**kept, **when, "version": found["version"]})
    assert moved.json() == {"moved": True}


async def _settled(api: httpx.AsyncClient, meeting_id: str) -> dict[str, Any]:
    """Wait until no message about the meeting is due or queued; the meeting as the API shows it."""
    found: dict[str, Any] = {}

    async def done() -> bool:
        found.update((await api.get(f"/meetings/{meeting_id}")).json())
        return not [one for one in found["told"] if one["state"] in ("due", "queued")]

    await until(done, "nothing to be on its way")
    return found


async def _place_and_calendar(guest: Guest, meeting_id: str, sequence: int) -> None:
    """The guest gets the right map, and a calendar file with the meeting's uid and this sequence number."""
    await guest.phone.act("text", text="/agenda")
    await guest.phone.sees(THEMES[guest.language])
    await presses(guest.phone, f"g:meeting:{meeting_id}", then=f"g:venue:{meeting_id}")
    await presses(guest.phone, f"g:venue:{meeting_id}", then="g:menu:")
    (venue,) = [one["venue"] for one in (await guest.messages())[-1:]]
    assert (venue["title"], venue["location"]) == ("De Honingraat", {"latitude": 52.3579, "longitude": 4.8053})
    await presses(guest.phone, f"g:calendar:{meeting_id}", then=f"g:meeting:{meeting_id}")
    file = (await guest.phone.fetch(guest.phone.last["document"])).decode()
    assert f"\r\nSEQUENCE:{sequence}\r\n" in file
    assert f"\r\nUID:{meeting_id}@buurtstem\r\n" in file


def _plan(demo: Demo, chrome: Chrome, link: str, starts: datetime) -> str:
    """Plan and publish the open house on the console; its id."""
    chrome.get(link)
    chrome.get(f"{demo.url}/meetings/new")
    page = Page(chrome)
    for language, theme in THEMES.items():
        page.fill(f"[name=theme_{language}]", theme)
    for name, words in (
        ("place", "De Honingraat"), ("address", "Osdorpplein 1"), ("latitude", "52.3579"), ("longitude", "4.8053"),
        ("capacity", str(PLACES)),
    ):  # fmt: skip
        page.fill(f"[name={name}]", words)
    for name, moment in (("starts", starts), ("ends", starts + timedelta(hours=2))):
        field = page.find(f"[name={name}]")
        chrome.execute_script("arguments[0].value = arguments[1]", field, f"{wall_of(moment):%Y-%m-%dT%H:%M}")
    page.click("main form button")
    page.find(".done")
    page.click("a[href$='/confirm?what=publish']")
    page.click("form[action$='/publish'] button")
    return page.find("code").text.rpartition("meet-")[2]


def _pictures_of_console(demo: Demo, chrome: Chrome, meeting_id: str) -> None:
    """Take screenshots of the console's meeting pages, 1280 and 360 pixels wide; none without SCREENSHOTS."""
    page = Page(chrome)
    chrome.get(f"{demo.url}/meetings")
    chrome.add_cookie({"name": "language", "value": "nl"})
    for width in (1280, 360):
        size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for name, path in (("list", ""), ("form", "/new"), ("one", f"/{meeting_id}")):
            chrome.get(f"{demo.url}/meetings{path}")
            page.picture(f"meetings-{name}-{width}")
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _picture_of_phones(demo: Demo, chrome: Chrome, guests: Sequence[Guest], name: str) -> None:
    """Take a screenshot of each guest's phone as it is now; none without SCREENSHOTS."""
    if not (folder := os.environ.get("SCREENSHOTS")):
        return
    chrome.get(demo.telegram)
    for guest in guests:
        phone = Page(chrome, f'[data-resident="{guest.phone.id}"]')
        phone.find(".bot .words")
        element = chrome.find_element(By.CSS_SELECTOR, phone.css)
        element.screenshot(f"{folder}/{name}-{guest.language}.png")
