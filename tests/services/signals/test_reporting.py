"""What a reporter can do with a signal, by phone and by code, and what nobody else can."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.codes import new_code
from domain.sealing import CannotOpen
from domain.signals.workflow import ENDED, GivenFile, Kind, Report, Status
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.people.residents import Resident
from services.rights import erasing
from services.signals import attachments, casework, following, reporting
from services.signals.following import TooManyThisHour
from services.signals.reporting import Receipt
from services.speaking import delivering
from services.work import Work
from storage.engine import vault
from storage.engine.database import Database
from storage.signals import cases
from tests.lives import FAST, Marks, here, live, report_of, somebody_of_the_staff
from tests.opened import NOW, Clock, rows

ME, STRANGER = 4711, 999
PLAIN = Report(Kind.NUISANCE, "Every night music", "nl")


async def reported(database: Database, report: Report = PLAIN) -> Receipt:
    """Report as the resident ME; the receipt."""
    async with database.begin() as work:
        return await reporting.report(work, (await here(work, ME)).reach, report)


async def bring(database: Database, signal_id: str, status: Status) -> None:
    """Put the signal into this state, as if staff had moved it today."""
    async with database.begin() as work:
        ended = work.today if status in ENDED else None
        await cases.change_signal(work, signal_id, status=status, moved_on=work.today, ended_on=ended)


async def status_of(work: Work, who: Resident, signal_id: str) -> str:
    found = await following.follow(work, who.reach, signal_id)
    assert found is not None
    return found.status


async def test_a_report_is_followed_with_all_that_was_told(database: Database) -> None:
    receipt = await reported(database, report_of(Marks()))
    async with database.begin() as work:
        found = await following.follow(work, (await here(work, ME)).reach, receipt.signal_id)
    assert found is not None
    assert (found.code, found.status, found.received_on) == (receipt.code, "received", NOW.date())
    assert (found.mine, found.line_cut, found.reads, found.last_read) == (True, False, 0, None)
    assert (found.kind, found.role, found.about, found.neighbourhood) == ("discrimination", "witness", "nobody", "FK01")
    assert found.details["place"] == Marks().place
    assert found.details["point"] == [4.80131, 52.36211]
    (turn,) = found.turns
    assert turn.words.startswith(Marks().story)
    assert sorted((file.kind, file.state) for file in turn.files) == [("photo", "waiting"), ("voice", "waiting")]
    assert (found.may_withdraw, found.may_reopen) == (True, False)


async def test_no_word_of_a_report_stands_open_in_the_tables(database: Database) -> None:
    await reported(database, report_of(Marks()))
    async with database.begin() as work:
        (signal,) = await rows(work, "signals")
        (message,) = await rows(work, "signal_messages")
    assert isinstance(signal["details"], bytes)
    assert isinstance(message["words"], bytes)
    assert signal["received_on"] == signal["moved_on"] == message["day"] == NOW.date()


async def test_five_reports_an_hour_and_no_more_until_the_next(database: Database, clock: Clock) -> None:
    clock.move(minutes=20)
    for _ in range(5):
        await reported(database)
    with pytest.raises(TooManyThisHour) as caught:
        await reported(database)
    assert caught.value.until == NOW + timedelta(hours=1)
    async with database.begin() as work:
        assert len(await rows(work, "signals")) == 5
        await reporting.report(work, (await here(work, STRANGER)).reach, PLAIN)
    clock.move(minutes=40)
    await reported(database)


async def test_my_own_signals_newest_first(database: Database, clock: Clock) -> None:
    first = await reported(database)
    clock.move(days=1)
    second = await reported(database)
    async with database.begin() as work:
        found = await following.mine(work, (await here(work, ME)).reach)
        assert [one.signal_id for one in found] == [second.signal_id, first.signal_id]
        assert not any(one.news for one in found)
        assert await following.mine(work, (await here(work, STRANGER)).reach) == []


async def test_a_signal_of_somebody_else_is_like_none(database: Database) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        stranger = await here(work, STRANGER)
        for signal_id in (receipt.signal_id, "a" * 26, "nonsense"):
            assert await following.follow(work, stranger.reach, signal_id) is None
            assert not await reporting.add(work, stranger.reach, signal_id, "x", ())
            assert not await reporting.withdraw(work, stranger.reach, signal_id)
            assert not await reporting.reopen(work, stranger.reach, signal_id, "x")
            assert not await reporting.cut_line(work, stranger.reach, signal_id)


async def test_who_knows_the_code_can_follow_and_take_part_for_seven_days(database: Database, clock: Clock) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        other_phone = await here(work, STRANGER)
        assert await following.open_by_code(work, other_phone.reach, receipt.code.lower()) == receipt.signal_id
        assert await reporting.add(work, other_phone.reach, receipt.signal_id, "more", ())
        found = await following.follow(work, other_phone.reach, receipt.signal_id)
        assert found is not None
        assert not found.mine
        assert [turn.words for turn in found.turns] == [PLAIN.story, "more"]
        assert not await reporting.cut_line(work, other_phone.reach, receipt.signal_id)
    clock.move(days=7)
    async with database.begin() as work:
        assert await following.follow(work, (await here(work, STRANGER)).reach, receipt.signal_id) is not None
    clock.move(days=1)
    async with database.begin() as work:
        assert await following.follow(work, (await here(work, STRANGER)).reach, receipt.signal_id) is None


async def test_ten_wrong_codes_an_hour_and_then_not_even_the_right_one(database: Database, clock: Clock) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        stranger = await here(work, STRANGER)
        for guess in ["nonsense", *(new_code() for _ in range(9))]:
            assert await following.open_by_code(work, stranger.reach, guess) is None
        with pytest.raises(TooManyThisHour) as caught:
            await following.open_by_code(work, stranger.reach, receipt.code)
        assert caught.value.until == NOW + timedelta(hours=1)
        assert await following.open_by_code(work, (await here(work, ME)).reach, receipt.code) == receipt.signal_id
    clock.move(hours=1)
    async with database.begin() as work:
        assert await following.open_by_code(work, (await here(work, STRANGER)).reach, receipt.code) == receipt.signal_id


async def test_right_codes_are_not_counted(database: Database) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        for _ in range(12):
            assert await following.open_by_code(work, (await here(work, ME)).reach, receipt.code) == receipt.signal_id


async def test_an_answer_to_who_was_waited_for_goes_on_with_the_signal(database: Database) -> None:
    receipt = await reported(database)
    await bring(database, receipt.signal_id, Status.WAITING_FOR_REPORTER)
    async with database.begin() as work:
        me = await here(work, ME)
        assert await reporting.add(work, me.reach, receipt.signal_id, "", (GivenFile("voice", "file", 9),))
        assert await status_of(work, me, receipt.signal_id) == Status.IN_PROGRESS
        (move,) = await rows(work, "signal_moves")
        (signal,) = await rows(work, "signals")
    assert (move["begin"], move["end"], move["mover"]) == ("waiting_for_reporter", "in_progress", "reporter")
    assert signal["unread"]


async def test_what_is_withdrawn_stays_so_and_takes_no_more_words(database: Database) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        me = await here(work, ME)
        assert await reporting.withdraw(work, me.reach, receipt.signal_id)
        assert not await reporting.withdraw(work, me.reach, receipt.signal_id)
        assert not await reporting.add(work, me.reach, receipt.signal_id, "x", ())
        assert not await reporting.reopen(work, me.reach, receipt.signal_id, "x")
        assert await status_of(work, me, receipt.signal_id) == Status.WITHDRAWN
        assert (await rows(work, "signals"))[0]["ended_on"] == NOW.date()


async def test_what_is_resolved_can_be_reopened_for_thirty_days_with_a_reason(database: Database, clock: Clock) -> None:
    receipt = await reported(database)
    await bring(database, receipt.signal_id, Status.RESOLVED)
    clock.move(days=30)
    async with database.begin() as work:
        me = await here(work, ME)
        assert await reporting.reopen(work, me.reach, receipt.signal_id, "it began again")
        found = await following.follow(work, me.reach, receipt.signal_id)
        assert found is not None
        assert (found.status, found.turns[-1].words) == (Status.IN_REVIEW, "it began again")
        assert (await rows(work, "signals"))[0]["ended_on"] is None
    await bring(database, receipt.signal_id, Status.NOT_RESOLVED)
    clock.move(days=31)
    async with database.begin() as work:
        assert not await reporting.reopen(work, (await here(work, ME)).reach, receipt.signal_id, "too late")


async def test_looking_takes_the_news_away_and_is_no_change(database: Database) -> None:
    receipt = await reported(database)
    async with database.begin() as work:
        await casework.answer(work, await somebody_of_the_staff(work), receipt.signal_id, words="Hello")
        assert [one.news for one in await following.mine(work, (await here(work, ME)).reach)] == [True]
        version = (await rows(work, "signals"))[0]["version"]
    async with database.begin() as work:
        await following.follow(work, (await here(work, ME)).reach, receipt.signal_id)
        assert [one.news for one in await following.mine(work, (await here(work, ME)).reach)] == [False]
        assert (await rows(work, "signals"))[0]["version"] == version


# Cutting the line


async def test_a_cut_line_leads_nowhere_and_the_code_still_opens(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        before = (await rows(work, "signals"))[0]
        assert await reporting.cut_line(work, me.reach, life.signal_id)
        assert not await reporting.cut_line(work, me.reach, life.signal_id)
        (after,) = await rows(work, "signals")
        assert (after["handle"], after["handle_record_id"], after["reporter_tag"]) == (None, None, None)
        with pytest.raises(CannotOpen):
            await vault.open_record(work, before["handle_record_id"])
        assert await following.mine(work, me.reach) == []
        assert await following.follow(work, me.reach, life.signal_id) is None
        assert await following.open_by_code(work, me.reach, life.code) == life.signal_id
        found = await following.follow(work, me.reach, life.signal_id)
        assert found is not None
        assert (found.mine, found.line_cut) == (False, True)


async def test_after_the_line_was_cut_nothing_about_it_is_said_any_more(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        assert await reporting.cut_line(work, me.reach, life.signal_id)
        await casework.answer(work, await somebody_of_the_staff(work), life.signal_id, words="Hello")
    async with database.begin() as work:
        assert await delivering.take(work, "speaker", 10, FAST) == []
        assert {row["about_tag"] for row in await rows(work, "outbox")} <= {None}


async def test_no_tag_of_a_cut_line_stands_in_another_table(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        other = await reporting.report(work, me.reach, PLAIN)
        await reporting.cut_line(work, me.reach, life.signal_id)
        await following.open_by_code(work, me.reach, life.code)
        tags = [row["opener_tag"] for row in await rows(work, "openers")]
        mine = [row["reporter_tag"] for row in await rows(work, "signals") if row["id"] == other.signal_id]
    assert len(tags) == len(mine) == 1
    assert tags != mine


# Files


async def test_files_come_from_telegram_once_and_are_kept_sealed(database: Database) -> None:
    receipt = await reported(database, report_of(Marks()))
    async with database.begin() as work:
        waiting = await attachments.waiting(work, 10)
        assert {one.kind: one.file_id for one in waiting}["photo"] == Marks().file_id
        assert Marks().file_id not in repr(waiting)
        for one in waiting:
            await attachments.keep(work, one.attachment_id, attachments.StoredFile("image/jpeg", b"a picture"))
        assert await attachments.waiting(work, 10) == []
        for row in await cases.attachments_of(work, receipt.signal_id):
            kept = await attachments.opened(work, row)
            assert kept is not None
            assert (kept.media_type, kept.content) == ("image/jpeg", b"a picture")
            assert b"picture" not in row.content
            assert "picture" not in repr(kept)


async def test_a_file_that_cannot_be_fetched_is_given_up_in_the_end(database: Database) -> None:
    await reported(database, report_of(Marks()))
    async with database.begin() as work:
        first, second = await attachments.waiting(work, 10)
        await attachments.try_later(work, first)
        assert [one.attachment_id for one in await attachments.waiting(work, 1)] == [second.attachment_id]
        await attachments.refuse(work, second.attachment_id)
        for _ in range(attachments.MOST_ATTEMPTS - 1):
            (again,) = await attachments.waiting(work, 10)
            await attachments.try_later(work, again)
        assert await attachments.waiting(work, 10) == []
        found = {row["id"]: row for row in await rows(work, "attachments")}
    assert (found[first.attachment_id]["state"], found[first.attachment_id]["content"]) == ("gone", b"")
    assert (found[second.attachment_id]["state"], found[second.attachment_id]["content"]) == ("refused", b"")


async def test_a_file_that_no_longer_opens_does_not_hold_up_the_others(database: Database) -> None:
    await reported(database, report_of(Marks()))
    async with database.begin() as work:
        broken, whole = await attachments.waiting(work, 10)
        await cases.change_waiting_attachment(work, broken.attachment_id, content=b"\x01" + bytes(300))
        assert [one.attachment_id for one in await attachments.waiting(work, 10)] == [whole.attachment_id]


async def test_what_became_of_a_file_is_not_changed_by_who_fetched_it_at_the_same_time(database: Database) -> None:
    await reported(database, report_of(Marks()))
    async with database.begin() as work:
        kept, refused = await attachments.waiting(work, 10)
        await attachments.keep(work, kept.attachment_id, attachments.StoredFile("image/jpeg", b"a picture"))
        await attachments.refuse(work, refused.attachment_id)
        before = await rows(work, "attachments")
    async with database.begin() as work:
        await attachments.refuse(work, kept.attachment_id)
        await attachments.try_later(work, kept)
        await attachments.try_later(work, replace(kept, attempts=attachments.MOST_ATTEMPTS))
        await attachments.keep(work, refused.attachment_id, attachments.StoredFile("audio/ogg", b"a voice"))
        assert await rows(work, "attachments") == before


async def test_a_file_that_comes_after_its_signal_was_erased_is_not_kept(database: Database) -> None:
    await reported(database, report_of(Marks()))
    async with database.begin() as work:
        (one, _) = await attachments.waiting(work, 10)
        await erasing.erase(work, await here(work, ME))
        await attachments.keep(work, one.attachment_id, attachments.StoredFile("image/jpeg", b"a picture"))
        assert await rows(work, "attachments") == []
        assert await saying.erase_from_phone(work, reach_of(ME), "report") == 0
