"""An office for tests: a database, a clock that is moved by hand, staff of any role, reporters, and the web side."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from bot.web.application import make_app
from bot.wiring import photo_made_anew
from domain.broadcasts.rules import APPROVAL_FROM
from domain.budget.rounds import PlanDraft, RoundDraft, Rule
from domain.codes import new_code
from domain.reach import Reach
from domain.screens import Screen
from domain.sealing import KeyRing, new_key
from domain.signals.workflow import About, Kind, Report
from domain.staff.rights import StaffRole
from handlers.console.outside import Outside
from handlers.telegram.reaches import reach_of
from services.budget.plans import add_plan
from services.budget.round_acts import make_round
from services.budget.rounds import Round
from services.outbox import envelopes
from services.signals import reporting
from services.staff import accounts, sign_in
from services.staff.accounts import Staff
from services.work import Work
from storage.engine.database import Database
from storage.outbox import queue as outbox_rows

STORY = "De portier liet mijn zus niet binnen vanwege haar hoofddoek"
AREA, FOREIGN_AREA = "Osdorp", "Slotervaart"
BUURT, FOREIGN_BUURT = "FK01", "FL03"
BOT = "buurtstem_test_bot"


async def bot_name() -> str:
    """What Telegram would say."""
    return BOT


OUTSIDE = Outside(bot_name, photo_made_anew, "Stichting Buurt", "020-1234567")


@dataclass(slots=True)
class Clock:
    """The moment it is, until somebody moves it."""

    now: datetime = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass: `minutes=30`, `days=1`."""
        self.now += timedelta(**by)


@dataclass(slots=True)
class Office:
    """Everything a test of the staff side needs."""

    database: Database
    clock: Clock
    http: httpx.AsyncClient
    transport: httpx.ASGITransport
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def email(self, role: StaffRole, **mandate: Any) -> str:
        """Somebody new of the staff."""
        email = f"staff{next(self._numbers)}@office.example"
        async with self.database.begin() as work:
            await accounts.create(work, email, role, **mandate)
        return email

    async def acting(self, work: Work, role: StaffRole, **mandate: Any) -> Staff:
        """Somebody new of the staff, in the open unit of work."""
        email = f"staff{next(self._numbers)}@office.example"
        link = await accounts.create(work, email, role, **mandate)
        session = await sign_in.enter(work, link)
        acting = await sign_in.signed_in(work, session or "")
        assert acting is not None
        return acting

    async def token(self, role: StaffRole, **mandate: Any) -> str:
        """The API token of somebody new; a session's token where the role may hold none."""
        email = await self.email(role, **mandate)
        async with self.database.begin() as work:
            try:
                return await accounts.new_token(work, email)
            except ValueError:
                return "bst_none"

    async def session(self, role: StaffRole, **mandate: Any) -> str:
        """The session of somebody new who is signed in."""
        email = await self.email(role, **mandate)
        async with self.database.begin() as work:
            session = await sign_in.enter(work, await accounts.new_link(work, email))
        assert session is not None
        return session

    async def report(
        self,
        *,
        kind: Kind = Kind.DISCRIMINATION,
        buurt: str | None = BUURT,
        about: About = About.NOBODY,
        story: str = STORY,
        language: str = "nl",
        resident: Reach | None = None,
    ) -> str:
        """A signal of a resident; its id."""
        report = Report(kind, story, language, neighbourhood=buurt, about=about)
        async with self.database.begin() as work:
            resident = resident or reach_of(10_000 + next(self._numbers))
            return (await reporting.report(work, resident, report)).signal_id

    async def round(self, *, areas: tuple[str, ...] = (BUURT,), plans: int = 0, **changed: Any) -> Round:
        """A round that an admin made, with so many plans of 10,000 euros."""
        draft = replace(round_draft(self.clock.now, areas), **changed)
        async with self.database.begin() as work:
            admin = await self.acting(work, StaffRole.ADMIN)
            made = await make_round(work, admin, draft)
            for number in range(1, plans + 1):
                await add_plan(work, admin, made.id, PlanDraft({"nl": f"Plan {number}"}, {}, "Osdorpplein", 1_000_000))
            return made

    async def erase(self, resident: Reach) -> None:
        """Somebody has all their signals erased."""
        async with self.database.begin() as work:
            await reporting.erase_all(work, resident)

    async def told(self) -> list[tuple[Reach, Screen]]:
        """What waits to be said: to whom and the screen, taken out of the outbox."""
        async with self.database.begin() as work:
            rows = await outbox_rows.claim(work, new_code(), self.clock.now, timedelta(minutes=1), 100)
            await outbox_rows.said(work, [row.id for row in rows])
        opened = [envelopes.opened(self.database.keys, row.envelope, row.wrapped) for row in rows]
        return [(envelope.to, envelope.screen) for envelope in opened if envelope.screen is not None]

    async def api(self, method: str, path: str, token: str = "", **options: Any) -> httpx.Response:
        """A request to the API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    def browser(self, session: str | None = None) -> httpx.AsyncClient:
        """A browser of its own, signed in with this session."""
        cookies = {"session": session} if session else {}
        return httpx.AsyncClient(transport=self.transport, base_url="http://console.example", cookies=cookies)


def round_draft(now: datetime, areas: tuple[str, ...] = (BUURT,)) -> RoundDraft:
    """A round that opens tomorrow, for three weeks."""
    return RoundDraft(
        title={"nl": "Buurtbudget Osdorp", "ar": "ميزانية أوسدورب"},
        areas=areas,
        amount_cents=2_500_000,
        choose_min=3,
        choose_max=5,
        rule=Rule.MOST_VOTES_STOP,
        opens_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=22),
        languages=("nl", "en", "tr", "ar"),
    )


async def send_form(browser: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Get a page as a browser does, and send one of its forms with what it holds."""
    held = re.findall(r'name="(csrf|version|once|next|seen)" value="([^"]*)"', (await browser.get(page)).text)
    return await browser.post(action, data={**dict(reversed(held)), **fields})


@asynccontextmanager
async def open_office(url: str, *, demo: bool = False, approval_from: int = APPROVAL_FROM) -> AsyncIterator[Office]:
    """An office on this database."""
    clock = Clock()
    database = Database(url, KeyRing({1: new_key()}, new_key()), clock)
    app = make_app(database.begin, secure=False, demo=demo, approval_from=approval_from, outside=OUTSIDE)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.example") as http:
        try:
            yield Office(database, clock, http, transport)
        finally:
            await database.close()
