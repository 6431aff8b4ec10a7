"""Hostile texts through every door of the web, each under 20 ms.

The time measured is that of the application and of decoding the address, which its server does; not the client's.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import cycle, islice
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from starlette.datastructures import FormData
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.application import make_app
from domain.broadcasts.rules import Content, Missing
from domain.staff.rights import StaffRole
from services.broadcasts import drafts
from services.budget.plans import plans
from services.meetings import planning
from services.work import Begin, Work
from tests.handlers.api.office import OUTSIDE, Office, open_office
from tests.handlers.doors import Door, doors_of_api, doors_of_console, doors_of_forms
from tests.hostile import MOST_SECONDS, shapes
from tests.lives import plan_of

# Repeats without a beginning, as in the tests of the chat. Half a character can't be in a request.
TEXTS = {
    name: text.encode(errors="ignore").decode()
    for name, text in shapes().items()
    if name.startswith("''") and name.endswith("'x'")
}
TRIES = 25  # of a request that seems slow: on a busy machine a single one may be


class Trial:
    """An ASGI application that measures its requests, in seconds of processor time."""

    def __init__(self, app: ASGIApp, known: Mapping[str, str]) -> None:
        """app: the application that a server would call · known: values for the other places of a request."""
        self._app, self._known = app, known
        self.requests, self.last, self.slowest = 0, 0.0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and measure it. Other threads count, such as the database's."""
        began = time.process_time()
        unquote(scope["raw_path"].decode())
        await self._app(scope, receive, send)
        self.requests, self.last = self.requests + 1, time.process_time() - began

    async def cost(self, client: httpx.AsyncClient, door: Door, text: str) -> float:
        """Give the seconds of a request with the text; above MOST_SECONDS, only those above the same with one letter.

        Tries again only as long as that is more than any request before.
        """
        least, plain = await self._once(client, door, text), 0.0
        if least > MOST_SECONDS:
            plain = min([await self._once(client, door, "a") for _ in range(3)])
        for _ in range(TRIES):
            if least - plain <= self.slowest:
                break
            least = min(least, await self._once(client, door, text))
        self.slowest = max(self.slowest, least - plain)
        return least - plain

    async def _once(self, client: httpx.AsyncClient, door: Door, text: str) -> float:
        answer = await client.request(**door.request(text, self._known))
        assert answer.status_code < 500, (door, text[:9], answer.status_code)
        return self.last


class _Undone(Exception):
    pass


def _nothing_is_kept(begin: Begin) -> Begin:
    """Roll back each request: none can remove what the next one is about."""

    @asynccontextmanager
    async def undone() -> AsyncIterator[Work]:
        with suppress(_Undone):
            async with begin() as work:
                yield work
                raise _Undone

    return undone


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    """Open an office."""
    async with open_office(sqlite_url) as opened:
        yield opened


def _noted(read: Callable[..., Any], names: set[str]) -> Callable[..., Any]:
    def noted(form: FormData, key: str, *rest: Any) -> Any:
        names.add(key)
        return read(form, key, *rest)

    return noted


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the form fields that handlers read, added as they read them."""
    names: set[str] = set()
    for method in ("get", "getlist"):
        monkeypatch.setattr(FormData, method, _noted(getattr(FormData, method), names))
    return names


async def _known(office: Office) -> dict[str, str]:
    """Make one of each thing that paths name, so that a request gets as far as it can: path parameter -> id."""
    made, signal_id = await office.round(plans=1), await office.report()
    async with office.database.begin() as work:
        (plan,) = await plans(work, made.id)
        organiser = await office.acting(work, StaffRole.ORGANISER)
        meeting_id = await planning.plan(work, organiser, plan_of(work.now))
        broadcast_id = await drafts.write(work, organiser, Content({"nl": "Kom"}, Missing.LEAVE_OUT))
    return {"signal_id": signal_id, "round_id": made.id, "plan_id": plan.id, "meeting_id": meeting_id,
            "broadcast_id": broadcast_id}  # fmt: skip


async def _through_every_door(office: Office, asked_for: set[str], role: StaffRole, most: int) -> None:
    """Send texts through every door as staff of this role. most: texts for each door; the doors take them in turn."""
    turns, found, known = cycle(TEXTS), [], await _known(office)
    app = make_app(_nothing_is_kept(office.database.begin), secure=False, outside=OUTSIDE)
    token, session = await office.token(role), await office.session(role)
    office.transport.app = trial = Trial(app, known)
    office.http.headers["Authorization"] = f"Bearer {token}"
    async with office.browser(session) as browser:
        known["csrf"] = (await browser.get("/")).text.partition('name="csrf" value="')[2].partition('"')[0]
        # Signing out would end what is tried after it.
        of_console = [door for door in doors_of_console() if door.path != "/sign-out"]
        of_console += await doors_of_forms(browser, of_console, known, asked_for)
        doors = [(office.http, door) for door in doors_of_api()] + [(browser, door) for door in of_console]
        assert len(doors) > 700
        for client, door in doors:
            for name in islice(turns, most):
                cost = await trial.cost(client, door, TEXTS[name])
                if cost > MOST_SECONDS:
                    found.append(f"{door}, {name}: {cost * 1000:.0f} ms")
        assert (await browser.get("/")).status_code == 200, "signed in to the end"
    print(f"{role}: {len(doors)} doors, {trial.requests} requests, slowest {trial.slowest * 1000:.1f} ms")
    assert found == []


async def test_no_text_in_a_request_holds_up_the_program(office: Office, asked_for: set[str]) -> None:
    await _through_every_door(office, asked_for, StaffRole.ORGANISER, most=1)


@pytest.mark.proof
@pytest.mark.parametrize("role", StaffRole)
async def test_no_text_of_any_shape_holds_up_the_program(office: Office, asked_for: set[str], role: StaffRole) -> None:
    assert len(TEXTS) > 40
    # Between them these two may open all doors; the others are refused earlier.
    most = 40 if role in (StaffRole.ORGANISER, StaffRole.HANDLER) else 4
    await _through_every_door(office, asked_for, role, most)
