"""Every day is a day of Amsterdam: in the half hour after midnight, and in the nights when the clock changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.budget.verifier import check
from domain.signals.workflow import Status
from domain.staff.rights import Reason, StaffRole
from domain.wall_clock import moment_of
from handlers.console.budget.result_page import result_pages
from handlers.telegram.reaches import reach_of
from services.budget import codes, publishing
from services.outbox.saying import DELETABLE, heard
from services.people import residents
from services.signals import casework, following, own_data
from services.signals.cases import ReasonNeeded, open_signal
from storage.signals import cases
from tests.handlers.api.office import Office, open_office
from tests.lives import live
from tests.opened import everything, rows
from tests.rounds import drafted, organiser, vote
from tests.ticks import tick

REPORTER = reach_of(4711)
OTHER = reach_of(4712)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Night:
    """Half past twelve at night in Amsterdam: the moment (aware UTC), the day there, and how many hours the day has."""

    at: datetime
    day: date
    hours: int = 24

    @property
    def begins(self) -> datetime:
        """The midnight at which the day begins."""
        return self.at - timedelta(minutes=30)

    @property
    def ends(self) -> datetime:
        """The midnight at which the day ends."""
        return self.begins + timedelta(hours=self.hours)


NIGHTS = {
    "winter": Night(datetime(2026, 12, 10, 23, 30, tzinfo=UTC), date(2026, 12, 11)),
    "summer": Night(datetime(2027, 7, 10, 22, 30, tzinfo=UTC), date(2027, 7, 11)),
    "new year": Night(datetime(2027, 12, 31, 23, 30, tzinfo=UTC), date(2028, 1, 1)),
    "clock goes forward": Night(datetime(2027, 3, 27, 23, 30, tzinfo=UTC), date(2027, 3, 28), 23),
    "clock goes back": Night(datetime(2027, 10, 30, 22, 30, tzinfo=UTC), date(2027, 10, 31), 25),
}


@pytest.fixture(params=list(NIGHTS.values()), ids=list(NIGHTS))
def night(request: pytest.FixtureRequest) -> Night:
    """Each of the nights."""
    found: Night = request.param
    return found


@pytest.fixture
async def office(database_url: str, night: Night) -> AsyncIterator[Office]:
    """An office whose clock stands at that moment of the night."""
    async with open_office(database_url) as opened:
        opened.clock.now = night.at
        yield opened


async def ended(office: Office) -> str:
    """A signal of the reporter that is resolved in that night."""
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await open_signal(work, staff, signal, Reason.HANDLING)
        await casework.answer(work, staff, signal, words="Het is klaar.", to=Status.RESOLVED, version=1)
    return signal


async def test_all_that_happens_to_a_report_gets_the_day_of_the_neighbourhood(office: Office, night: Night) -> None:
    signal = await ended(office)
    async with office.database.begin() as work:
        me = await residents.arrive(work, REPORTER, "tr")
        await residents.choose_language(work, me, "tr")
        row = await cases.signal_by_id(work, signal)
        assert row is not None
        assert [row.received_on, row.moved_on, row.ended_on, row.last_read_on] == [night.day] * 4
        followed = await following.follow(work, REPORTER, signal)
        assert followed is not None
        assert [followed.received_on, followed.last_read, *(turn.day for turn in followed.turns)] == [night.day] * 4
        assert {day for _, _, _, day in await cases.moves_of(work, signal)} == {night.day}
        await following.open_by_code(work, OTHER, followed.code)
        assert await own_data.opened_on(work, OTHER) == [night.day.isoformat()]
        assert [row["since"] for row in await rows(work, "people")] == [night.day]


async def test_every_day_in_every_table_is_that_of_the_neighbourhood(office: Office, night: Night) -> None:
    await live(office.database)
    async with office.database.reading() as work:
        found = {
            (name, column): value
            for name, held in (await everything(work)).items()
            for row in held
            for column, value in row.items()
            if type(value) is date
        }
    assert set(found.values()) == {night.day}, found
    assert len({name for name, _ in found}) >= 10


async def test_a_reason_holds_from_midnight_to_midnight(office: Office, night: Night) -> None:
    signal, later = await office.report(), await office.report()
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
    office.clock.now = night.begins - MINUTE
    async with office.database.begin() as work:
        await open_signal(work, staff, signal, Reason.HANDLING)
    for moment, held in ((night.begins, False), (night.ends - MINUTE, True), (night.ends, False)):
        office.clock.now = moment
        async with office.database.begin() as work:
            if held:
                assert (await open_signal(work, staff, later)).reason == Reason.HANDLING
                continue
            for one in (signal, later):
                with pytest.raises(ReasonNeeded):
                    await open_signal(work, staff, one)
            await open_signal(work, staff, later, Reason.HANDLING)


async def test_a_reporter_can_reopen_to_the_end_of_the_thirtieth_day(office: Office, night: Night) -> None:
    signal = await ended(office)
    over = moment_of(datetime.combine(night.day + timedelta(days=31), time()))
    for moment, may in ((over - MINUTE, True), (over, False)):
        office.clock.now = moment
        async with office.database.begin() as work:
            followed = await following.follow(work, REPORTER, signal)
            assert followed is not None
            assert followed.may_reopen == may


async def count(office: Office, table: str) -> int:
    async with office.database.reading() as work:
        return len(await rows(work, table))


@pytest.mark.parametrize(
    ("what", "kept", "table"),
    [
        ("signals_are_old", timedelta(days=365), "signals"),
        ("traces_are_old", timedelta(days=7), "openers"),
        ("traces_are_old", DELETABLE, "phone_messages"),
    ],
)
async def test_nothing_is_forgotten_before_its_time_or_a_day_after(
    office: Office, night: Night, what: str, kept: timedelta, table: str
) -> None:
    await ended(office)
    async with office.database.begin() as work:
        (row,) = await cases.signals_of(work, (await rows(work, "signals"))[0]["reporter_tag"])
        await cases.remember_opener(work, row.id, b"opener")
        await heard(work, reach_of(1), 1, "thread")
    for moment, there in ((night.at, True), (night.ends - MINUTE, True), (night.ends, False)):
        office.clock.now = moment + kept
        await tick(office.database, what)
        assert await count(office, table) == there, moment


async def test_silence_is_counted_from_the_day_of_the_question(office: Office, night: Night) -> None:
    signal = await office.report(resident=REPORTER)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.HANDLER)
        await open_signal(work, staff, signal, Reason.HANDLING)
        waits = Status.WAITING_FOR_REPORTER
        await casework.answer(work, staff, signal, words="Waar was het?", to=waits, version=1)
    for moment, status in ((night.ends - MINUTE, waits), (night.ends, Status.CLOSED)):
        office.clock.now = moment + timedelta(days=60)
        await tick(office.database, "silence_is_long")
        async with office.database.reading() as work:
            row = await cases.signal_by_id(work, signal)
            assert row is not None
            assert row.status == status


async def test_codes_are_of_the_day_on_which_they_are_made(office: Office, night: Night) -> None:
    async with office.database.begin() as work:
        made = await drafted(work)
        batch = await codes.make_codes(work, organiser(), made.id, 2)
        await codes.replace_code(work, organiser(), made.id, batch.codes[0])
        assert [one.day for one in await codes.batches(work, organiser(), made.id)] == [night.day] * 2


async def test_a_vote_is_published_with_the_days_on_which_it_opened_and_closed(office: Office, night: Night) -> None:
    office.clock.now = night.begins - timedelta(hours=2)
    closes = night.ends + timedelta(days=2, minutes=-30)  # in the last half hour of a day
    async with office.database.begin() as work:
        made = await drafted(work, opens_at=night.begins, closes_at=closes)
        batch = await codes.make_codes(work, organiser(), made.id, 12)
    office.clock.now = night.begins
    await tick(office.database, "votes_are_due")
    async with office.database.begin() as work:
        for voter, code in enumerate(batch.codes):
            await vote(work, voter + 1, code, [1, 2, 3])
    office.clock.now = closes
    await tick(office.database, "votes_are_due")
    async with office.database.reading() as work:
        done = publishing.published(*await publishing.closed(work, made.id))
    files = publishing.sealed({**done.files, **result_pages(done.results)})
    assert check(files)[1] == []
    told = files["round.pb"].decode()
    end = night.day + timedelta(days=2)
    assert f"date_begin;{night.day:%d.%m.%Y}\ndate_end;{end:%d.%m.%Y}\n" in told
    assert files["commitments.csv"].decode().splitlines()[1].split(",")[3] == night.day.isoformat()
