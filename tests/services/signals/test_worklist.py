"""The worklist shows the signals that one may see, by the same rule as a single signal, longest waiting first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product

import pytest

from domain.neighbourhoods import BY_CODE
from domain.refusals import NotAllowed
from domain.signals.workflow import About, Kind, Report, Status
from domain.staff.rights import Mandate, Reason, Scope, StaffRole, may_see
from handlers.telegram.reaches import reach_of
from services.signals import casework, reporting
from services.signals.cases import open_signal
from services.signals.worklist import PAGE, worklist
from services.staff.accounts import Staff
from tests.handlers.api.office import Office, open_office

REPORTER = reach_of(4711)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """An office (staff, console and API) on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened


async def test_the_list_shows_exactly_what_may_be_seen(office: Office) -> None:
    facts = {}
    for kind, buurt, about in product((Kind.NUISANCE, Kind.DAMP), ("FK01", "FL03", None), About):
        facts[await office.report(kind=kind, buurt=buurt, about=about)] = (kind, buurt, about)
    mandates = [
        Mandate(role, areas, kinds, organisation)
        for role in (StaffRole.HANDLER, StaffRole.CONFIDANT, StaffRole.VIEWER)
        for areas in (None, frozenset({"Osdorp"}), frozenset({"Osdorp", "Slotervaart"}))
        for kinds in (None, frozenset({Kind.DAMP}))
        for organisation in ("none", "police", "corporation:Ymere")
    ]
    async with office.database.begin() as work:
        for mandate in mandates:
            found: set[str] = set()
            for page in (1, 2):
                staff = Staff("x", b"x", mandate, frozenset(Scope))
                found |= {line.signal_id for line in (await worklist(work, staff, page=page)).lines}
            expected = {
                signal
                for signal, (kind, buurt, about) in facts.items()
                if may_see(mandate, kind, BY_CODE[buurt].area if buurt else None, about)
            }
            assert found == expected, mandate


async def test_filters_narrow_the_list(office: Office) -> None:
    damp = await office.report(kind=Kind.DAMP, buurt="FK01")
    placeless = await office.report(kind=Kind.NUISANCE, buurt=None)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER, areas=["Osdorp"])

        async def ids(**filters: object) -> list[str]:
            return [line.signal_id for line in (await worklist(work, staff, **filters)).lines]  # type: ignore[arg-type]

        assert await ids(kind=Kind.DAMP) == [damp]
        assert await ids(area="Osdorp") == [damp]
        assert await ids(area="Slotervaart") == []
        assert sorted(await ids()) == sorted([damp, placeless])
        assert await ids(statuses={Status.IN_REVIEW}) == []
        await casework.move(work, staff, damp, Status.IN_REVIEW, 1)
        assert await ids(statuses={Status.IN_REVIEW}) == [damp]
        await casework.move(work, staff, damp, Status.DUPLICATE, 2)
        assert await ids() == [placeless]
        assert await ids(statuses={Status.DUPLICATE}) == [damp]


async def test_who_waits_longest_comes_first_and_reading_changes_nothing(office: Office) -> None:
    first = await office.report(resident=REPORTER)
    office.clock.move(days=1)
    second = await office.report()
    office.clock.move(days=1)
    third = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)

        async def order() -> list[str]:
            return [line.signal_id for line in (await worklist(work, staff)).lines]

        assert await order() == [first, second, third]
        await open_signal(work, staff, first, Reason.HANDLING)
        viewer = await office.acting(work, StaffRole.VIEWER)
        await open_signal(work, viewer, second, Reason.SUPERVISION)
        assert await order() == [first, second, third]
        await casework.answer(work, staff, first, words="Dank je.")
        assert await order() == [second, third, first], "it is answered"
    office.clock.move(days=1)
    async with office.database.begin() as work:
        await reporting.add(work, REPORTER, first, "Er is meer gebeurd.", ())
        assert await order() == [second, third, first], "the others wait longer"
        await casework.answer(work, staff, second, words="Dank je.")
        assert await order() == [third, first, second]


async def test_danger_stands_on_top_until_somebody_says_that_they_looked(office: Office) -> None:
    first = await office.report(resident=REPORTER)
    office.clock.move(days=1)
    async with office.database.begin() as work:
        told = Report(Kind.NUISANCE, "Er loopt iemand met een mes", "nl", neighbourhood="FK01", danger=True)
        second = (await reporting.report(work, reach_of(4712), told)).signal_id
        staff = await office.acting(work, StaffRole.HANDLER)

        async def order() -> list[tuple[str, bool]]:
            return [(line.signal_id, line.danger) for line in (await worklist(work, staff)).lines]

        assert await order() == [(second, True), (first, False)]
        case = await open_signal(work, staff, second, Reason.HANDLING)
        await casework.answer(work, staff, second, reply="received")
        assert await order() == [(second, True), (first, False)], "a standard reply is no look"
        with pytest.raises(casework.ChangedMeanwhile):
            await casework.clear_danger(work, staff, second, case.version)
        case = await open_signal(work, staff, second, Reason.HANDLING)
        await casework.clear_danger(work, staff, second, case.version)
        assert await order() == [(first, False), (second, False)]
        await reporting.add(work, REPORTER, first, "Hij heeft een mes.", (), danger=True)
        await reporting.add(work, REPORTER, first, "Kom je?", ())
        assert await order() == [(first, True), (second, False)]


async def test_the_list_counts_turns_that_wait_for_an_answer(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    day = office.clock.now.date()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await reporting.add(work, REPORTER, signal, "Nog iets.", ())
        (line,) = (await worklist(work, staff)).lines
        assert (line.turns, line.since, line.unread) == (2, day, True)
        await casework.answer(work, staff, signal, words="Dank je.")
        (line,) = (await worklist(work, staff)).lines
        assert (line.turns, line.since, line.unread) == (0, None, False)


async def test_pages_hold_all_signals_once(office: Office) -> None:
    made = {await office.report() for _ in range(PAGE + 3)}
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        pages = [await worklist(work, staff, page=page) for page in (1, 2)]
        assert [len(page.lines) for page in pages] == [PAGE, 3]
        assert {line.signal_id for page in pages for line in page.lines} == made
        assert (await worklist(work, staff, page=99)).page == 2
        assert (await worklist(work, staff, page=-1)).page == 1


async def test_a_role_without_signals_has_no_list(office: Office) -> None:
    async with office.database.begin() as work:
        with pytest.raises(NotAllowed):
            await worklist(work, await office.acting(work, StaffRole.ADMIN))
