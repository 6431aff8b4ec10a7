"""The access log: every look and act is in it, as tags, and whoever touches an entry is found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.refusals import NotAllowed
from domain.signals.workflow import Status
from domain.staff.rights import Reason, StaffRole
from services.signals import casework
from services.signals.cases import open_signal
from services.staff import access
from services.staff.access import Verdict
from tests.handlers.api.office import Office, open_office
from tests.ticks import tick


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """An office (staff, console and API) on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened


async def busy_day(office: Office, reads: int = 5) -> str:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        for _ in range(reads):
            await open_signal(work, staff, signal, Reason.HANDLING)
    return signal


async def test_reading_answering_and_moving_are_written_down(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await open_signal(work, staff, signal, Reason.HANDLING)
        await casework.answer(work, staff, signal, words="Dank je.")
        await casework.move(work, staff, signal, Status.IN_REVIEW, 2)
        auditor = await office.acting(work, StaffRole.AUDITOR)
        found = await access.log(work, auditor)
    assert [(entry.act, entry.reason) for entry in found.entries] == [
        ("read", "handling"),
        ("answer", ""),
        ("move", ""),
    ]
    assert {entry.staff_tag for entry in found.entries} == {staff.tag}
    assert found.head.number == 3
    assert signal not in repr(found)
    assert staff.staff_id not in repr(found)


async def test_only_an_auditor_reads_the_log(office: Office) -> None:
    async with office.database.begin() as work:
        with pytest.raises(NotAllowed):
            await access.log(work, await office.acting(work, StaffRole.HANDLER))


async def test_the_log_of_a_busy_day_is_whole(office: Office) -> None:
    await busy_day(office)
    async with office.database.begin() as work:
        assert await access.verify(work) == Verdict(5, None)


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE access_log SET reason = 'supervision' WHERE number = 3", 3),
        ("UPDATE access_log SET staff_tag = signal_tag WHERE number = 1", 1),
        ("DELETE FROM access_log WHERE number = 2", 2),
        ("DELETE FROM access_log WHERE number = 5", 5),
        ("DELETE FROM access_log", 1),
        ("UPDATE access_head SET hash = start_hash", 6),
    ],
)
async def test_an_entry_that_was_touched_is_found(office: Office, tampering: str, broken: int) -> None:
    await busy_day(office)
    async with office.database.begin() as work:
        await work.run(text(tampering))
        assert (await access.verify(work)).broken == broken


async def test_old_entries_are_forgotten_and_the_rest_still_verifies(office: Office) -> None:
    await busy_day(office)
    office.clock.move(days=30)
    await busy_day(office, reads=2)
    async with office.database.begin() as work:
        assert await access.forget_before(work, office.clock.now - timedelta(days=1)) == 5
        assert await access.verify(work) == Verdict(2, None)
        assert await access.forget_before(work, office.clock.now - timedelta(days=1)) == 0
    office.clock.move(days=30)
    async with office.database.begin() as work:
        assert await access.forget_before(work, office.clock.now) == 2
        assert await access.verify(work) == Verdict(0, None)
    await busy_day(office, reads=1)
    async with office.database.begin() as work:
        assert await access.verify(work) == Verdict(1, None)


async def test_many_who_read_and_answer_at_once_make_one_chain(office: Office) -> None:
    signal = await office.report()
    async with office.database.begin() as work:
        staff = [await office.acting(work, StaffRole.HANDLER) for _ in range(4)]

    async def act(number: int) -> None:
        for _ in range(5):
            async with office.database.begin() as work:
                if number % 2:
                    await open_signal(work, staff[number], signal, Reason.HANDLING)
                else:
                    await casework.answer(work, staff[number], signal, words="Dank je.")

    await asyncio.gather(*(act(number) for number in range(4)))
    async with office.database.begin() as work:
        assert await access.verify(work) == Verdict(20, None)


async def test_the_clock_forgets_after_twenty_four_months_who_read_what(office: Office) -> None:
    await busy_day(office)
    for days, left in ((730, 5), (1, 0)):
        office.clock.move(days=days)
        await tick(office.database, "reading_is_old")
        async with office.database.begin() as work:
            assert await access.verify(work) == Verdict(left, None)
