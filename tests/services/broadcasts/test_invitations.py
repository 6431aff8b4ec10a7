"""Broadcasts: written, counted, approved, sent a few at a time, paused, stopped, reported, forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversations.broadcasts import notices
from domain.broadcasts.rules import Act, BadBroadcast, BroadcastState, Content, Missing, RecipientFate
from domain.pace import Pace
from domain.refusals import NotAllowed
from domain.screens import Told
from domain.sealing import KeyRing
from domain.staff.rights import StaffRole
from handlers.telegram.reaches import chat_of, reach_of
from services.broadcasts import audience, drafts, recipients, sending
from services.broadcasts.audience import Wish
from services.broadcasts.sending import (
    ActNotPossible,
    NotSeen,
    Overview,
    SecondPersonNeeded,
    UnknownBroadcast,
    WrittenMeanwhile,
)
from services.meetings import planning
from services.outbox import saying
from services.people import residents as people
from services.rights import erasing
from services.speaking import delivering, receipts
from services.speaking.delivering import Sending, SendResult
from services.staff.access import log
from services.staff.repeats import RepeatedDifferently
from services.upkeep import copying
from services.work import Work
from storage.broadcasts import invitations as stored
from storage.engine.database import Database
from storage.people import residents
from tests.lives import here
from tests.neighbours import TEXTS, invite, look_and_act, move_in, opt_in, organiser, try_out
from tests.opened import Clock, opened, rows, table
from tests.rounds import open_round
from tests.services.meetings.test_planning import PLAN, published
from tests.ticks import tick
from tests.waits import done_or_waiting

UNPACED = Pace(1000, timedelta(0), timedelta(0))


async def feed(database: Database) -> None:
    """Do once what the clock does every second: put a slice of the audience in, and feed the outbox."""
    await tick(database, "audiences_are_put_in")
    await tick(database, "broadcasts_go_on")


async def take(database: Database, most: int = 100, pace: Pace = UNPACED) -> list[Sending]:
    """Take the messages that may leave now, marked as being sent."""
    async with database.begin() as work:
        taken = await delivering.take(work, "speaker", most, pace)
        await delivering.start_sending(work, "speaker", [row.id for row in taken])
        return taken


async def settle(database: Database, taken: list[Sending], fate: delivering.Fate = delivering.Fate.SAID) -> None:
    """Settle each of these messages with the same fate."""
    async with database.begin() as work:
        await delivering.settle(work, [SendResult(row, fate) for row in taken])


async def send_all(database: Database) -> list[int]:
    """Feed and send until nothing is left; the ids of the chats that were written to, in order."""
    heard: list[int] = []
    for _ in range(100):
        await feed(database)
        taken = await take(database)
        await settle(database, taken)
        heard += [chat_of(row.envelope.to) for row in taken]
        if not taken:
            return heard
    raise AssertionError("it never ends")


async def report(database: Database, broadcast_id: str) -> dict[str, int]:
    """The number of recipients by state, from the rows themselves: the page hides small groups."""
    async with database.begin() as work:
        found = await rows(work, "broadcast_recipients")
        return dict(Counter(str(row["state"]) for row in found if row["broadcast_id"] == broadcast_id))


async def halted(database: Database) -> bool:
    """Whether a 429 holds everything up."""
    async with database.reading() as work:
        return await delivering.halted_for(work) > 0


async def state(database: Database, broadcast_id: str) -> str:
    """The state of the broadcast."""
    async with database.begin() as work:
        return next(str(row["state"]) for row in await rows(work, "broadcasts") if row["id"] == broadcast_id)


async def act(database: Database, broadcast_id: str, what: Act, email: str) -> BroadcastState:
    """Have the organiser with this address do `what`; the new state."""
    async with database.begin() as work:
        me = await organiser(work, email)
        version = next(int(row["version"]) for row in await rows(work, "broadcasts") if row["id"] == broadcast_id)
        return await sending.act(work, me, broadcast_id, what, version, seen="")


async def test_everybody_who_wants_it_gets_it_once_in_their_own_language(database: Database) -> None:
    await move_in(database, range(1, 121))
    async with database.begin() as work:
        await people.arrive(work, reach_of(999), "nl")  # never asked for news
    broadcast_id = await invite(database)
    await feed(database)
    taken = await take(database)
    assert len(taken) == 50, "two seconds' worth stands in the outbox"
    assert {row.language for row in taken} == {"nl", "en", "tr", "ar"}
    screen = taken[0].envelope.screen
    assert screen is not None
    assert screen.lines == (Told(TEXTS),)
    assert [button.go for row in screen.buttons for button in row] == ["news_fewer", "news_stop"]
    await settle(database, taken)
    heard = [chat_of(row.envelope.to) for row in taken] + await send_all(database)
    assert sorted(heard) == list(range(1, 121))
    assert (await state(database, broadcast_id), await report(database, broadcast_id)) == ("sent", {"sent": 120})
    async with database.begin() as work:
        assert not [row for row in await rows(work, "broadcast_recipients") if row["handle"] or row["wrapped"]]


async def test_its_button_opens_what_it_invites_to(database: Database) -> None:
    await move_in(database, [1])
    meeting_id = await published(database)
    await invite(database, Content(TEXTS, go="meeting", value=meeting_id))
    await feed(database)
    (row,) = await take(database)
    assert row.envelope.screen is not None
    button = row.envelope.screen.buttons[0][0]
    assert (button.go, button.value) == ("meeting", meeting_id)


async def test_what_becomes_of_each_is_reported_and_the_report_adds_up(database: Database) -> None:
    await move_in(database, range(1, 41))
    broadcast_id = await invite(database)
    await feed(database)
    taken = await take(database)
    fates = [delivering.Fate.SAID, delivering.Fate.BLOCKED, delivering.Fate.REFUSED, delivering.Fate.AMBIGUOUS]
    for number, fate in enumerate(fates):
        await settle(database, taken[number * 10 : number * 10 + 10], fate)
    await feed(database)
    assert await report(database, broadcast_id) == {"sent": 10, "blocked": 10, "failed": 10, "uncertain": 10}
    assert await state(database, broadcast_id) == "sent"
    async with database.begin() as work:
        assert sum(not row["reachable"] for row in await rows(work, "people")) == 10


async def test_after_a_crash_what_was_being_sent_is_uncertain_and_not_sent_again(database: Database) -> None:
    await move_in(database, range(1, 21))
    broadcast_id = await invite(database)
    await feed(database)
    first = await take(database, 8)
    async with database.begin() as work:
        await delivering.take_over(work, alone=True)
    heard = await send_all(database)
    assert not {chat_of(row.envelope.to) for row in first} & set(heard)
    assert await report(database, broadcast_id) == {"uncertain": 8, "sent": 12}


async def test_a_pause_takes_back_what_has_not_left_and_sending_goes_on_where_it_was(database: Database) -> None:
    await move_in(database, range(1, 101))
    broadcast_id = await invite(database)
    await feed(database)
    in_flight = await take(database, 4)
    assert await act(database, broadcast_id, Act.PAUSE, "second@office.example") == BroadcastState.PAUSED
    await feed(database)
    assert await take(database) == []
    await settle(database, in_flight)
    assert await report(database, broadcast_id) == {"sent": 4, "waiting": 96}
    await act(database, broadcast_id, Act.RESUME, "third@office.example")
    heard = await send_all(database)
    assert len(heard) == len(set(heard)) == 96
    assert await report(database, broadcast_id) == {"sent": 100}


@pytest.mark.parametrize("fate", [delivering.Fate.HALTED, delivering.Fate.UNSENT])
async def test_after_a_stop_nothing_leaves_not_even_what_telegram_refused_meanwhile(
    database: Database, clock: Clock, fate: delivering.Fate
) -> None:
    await move_in(database, range(1, 11))
    broadcast_id = await invite(database)
    await feed(database)
    in_flight = await take(database, 4)
    await act(database, broadcast_id, Act.STOP, "second@office.example")
    await settle(database, in_flight, fate)
    clock.move(minutes=10)
    assert await send_all(database) == []
    assert await report(database, broadcast_id) == {"stopped": 10}
    async with database.reading() as work:
        assert await delivering.waiting(work) == {}


async def test_who_says_stop_or_leaves_while_it_is_being_sent_gets_nothing(database: Database) -> None:
    await move_in(database, range(1, 5))
    broadcast_id = await invite(database)
    async with database.begin() as work:
        await audience.choose(work, await here(work, 1), None)
        await erasing.erase(work, await here(work, 2))
        await people.lost_contact(work, reach_of(3))
    await feed(database)
    async with database.reading() as work:
        assert len(await rows(work, "outbox")) == 1, "nothing is put there for who does not want it"
    assert await send_all(database) == [4]
    assert await report(database, broadcast_id) == {"stopped": 1, "blocked": 1, "sent": 1}


async def test_nobody_hears_more_than_two_a_week_and_who_wants_fewer_one(database: Database, clock: Clock) -> None:
    await move_in(database, [1])
    await move_in(database, [2], fewer=True)
    heard = []
    for number in range(2):
        await invite(database, email=f"{number}@office.example")
        heard.append(sorted(await send_all(database)))
    assert heard == [[1, 2], [1]]
    with pytest.raises(BadBroadcast, match="nobody"):
        await invite(database)
    clock.move(days=7, minutes=1)
    await invite(database, email="later@office.example")
    assert sorted(await send_all(database)) == [1, 2]


async def test_from_so_many_recipients_another_person_approves(database: Database) -> None:
    await move_in(database, range(1, 11))
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        other = await organiser(work, "other@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS))
        assert await look_and_act(work, me, broadcast_id, Act.SEND, 1, 10) == BroadcastState.ASKED
        with pytest.raises(SecondPersonNeeded):
            await sending.act(work, me, broadcast_id, Act.APPROVE, 2, seen="")
        with pytest.raises(ActNotPossible):
            await drafts.rewrite(work, me, broadcast_id, Content({"nl": "Iets anders"}), 2)
        assert await look_and_act(work, other, broadcast_id, Act.APPROVE, 2) == BroadcastState.SENDING
    assert len(await send_all(database)) == 10


async def test_what_is_sent_is_counted_before_by_neighbourhood_and_language(database: Database) -> None:
    await move_in(database, range(1, 21), languages=["nl", "ar"])
    await move_in(database, range(21, 24), languages=["tr"], neighbourhood="FK02")
    await move_in(database, range(24, 30), languages=["nl"], neighbourhood=None)
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        broadcast_id = await drafts.write(work, me, Content({"nl": "Kom!"}, Missing.DUTCH))
        counts = (await sending.overview(work, me, broadcast_id)).counts
        assert counts is not None
        assert (counts.total, counts.most) == (25, 41)
        assert counts.cells == {
            ("", "nl"): 5, ("FK01", "nl"): 10, ("FK01", "ar"): 10, ("FK02", "tr"): None,
        }  # fmt: skip
        osdorp = Content({"nl": "Kom!"}, Missing.LEAVE_OUT, buurten=frozenset({"FK02"}))
        await drafts.rewrite(work, me, broadcast_id, osdorp, 1)
        fewer = (await sending.overview(work, me, broadcast_id)).counts
        assert fewer is not None
        assert fewer.total == 5


async def test_who_may_not_write_to_residents_can_do_nothing_here(database: Database) -> None:
    broadcast_id = ""
    async with database.begin() as work:
        broadcast_id = await drafts.write(work, await organiser(work, "me@office.example"), Content(TEXTS))
    for role in set(StaffRole) - {StaffRole.ORGANISER}:
        async with database.begin() as work:
            other = await organiser(work, f"{role}@office.example", role)
            for attempt in (
                sending.listed(work, other),
                drafts.write(work, other, Content(TEXTS)),
                sending.overview(work, other, broadcast_id),
                sending.overview(work, other, "unknown"),
                sending.act(work, other, broadcast_id, Act.SEND, 1, seen=""),
                drafts.make_test(work, other, broadcast_id),
            ):
                with pytest.raises(NotAllowed):
                    await attempt


async def test_an_organiser_of_one_area_reaches_that_area_alone(database: Database) -> None:
    await move_in(database, [1], neighbourhood="FK01")
    await move_in(database, [2], neighbourhood="FL03")
    async with database.begin() as work:
        all_over = await drafts.write(work, await organiser(work, "all@office.example"), Content(TEXTS))
        osdorp = await organiser(work, "osdorp@office.example", areas=["Osdorp"])
        with pytest.raises(UnknownBroadcast):
            await sending.overview(work, osdorp, all_over)
        with pytest.raises(BadBroadcast, match="bad_audience"):
            await drafts.write(work, osdorp, Content(TEXTS, buurten=frozenset({"FL03"})))
        mine = await drafts.write(work, osdorp, Content(TEXTS))
        assert [one.broadcast_id for one in await sending.listed(work, osdorp)] == [mine]
        await look_and_act(work, osdorp, mine, Act.SEND, 1)
    assert await send_all(database) == [1]


async def test_two_of_the_staff_do_not_overwrite_each_other(database: Database) -> None:
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS), once="a key of mine")
        assert await drafts.write(work, me, Content(TEXTS), once="a key of mine") == broadcast_id
        with pytest.raises(RepeatedDifferently):
            await drafts.write(work, me, Content({"nl": "Anders"}), once="a key of mine")
        await drafts.rewrite(work, me, broadcast_id, Content({"nl": "Anders"}), 1)
        with pytest.raises(WrittenMeanwhile):
            await drafts.rewrite(work, me, broadcast_id, Content({"nl": "Nog anders"}), 1)
        with pytest.raises(WrittenMeanwhile):
            await sending.act(work, me, broadcast_id, Act.SEND, 1, seen="")


async def test_what_staff_do_with_an_invitation_is_in_the_access_log(database: Database) -> None:
    await move_in(database, range(1, 501))
    async with database.begin() as work:
        me, other = await organiser(work, "me@office.example"), await organiser(work, "other@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS), once="a key of mine")
        await drafts.write(work, me, Content(TEXTS), once="a key of mine")
        await drafts.rewrite(work, me, broadcast_id, Content({"nl": "Kom!"}, Missing.DUTCH), 1)
        await look_and_act(work, me, broadcast_id, Act.SEND, 2)
        with pytest.raises(SecondPersonNeeded):
            await sending.act(work, me, broadcast_id, Act.APPROVE, 3, seen="")
        await look_and_act(work, other, broadcast_id, Act.APPROVE, 3)
        await sending.act(work, me, broadcast_id, Act.PAUSE, 4, seen="")
        entries = (await log(work, await organiser(work, "audit@office.example", StaffRole.AUDITOR))).entries
    assert [(one.act, one.staff_tag) for one in entries] == [
        ("write", me.tag), ("rewrite", me.tag), ("test", me.tag), ("send", me.tag), ("approve", other.tag),
        ("pause", me.tag),
    ]  # fmt: skip
    assert len({one.signal_tag for one in entries}) == 1


async def test_a_test_is_shown_once_and_for_an_hour(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS))
        token = (await drafts.make_test(work, me, broadcast_id)).removeprefix("/start test-")
        assert await drafts.tried(work, "another") is None
        screen = await drafts.tried(work, token)
        assert screen is not None
        assert screen.lines[1] == Told(TEXTS)
        assert await drafts.tried(work, token) is None
        assert (await sending.overview(work, me, broadcast_id)).tested
        token = (await drafts.make_test(work, me, broadcast_id)).removeprefix("/start test-")
    clock.move(hours=1, minutes=1)
    async with database.begin() as work:
        assert await drafts.tried(work, token) is None


async def test_what_waits_for_a_week_expires_and_after_thirty_days_who_got_it_is_forgotten(
    database: Database, clock: Clock
) -> None:
    await move_in(database, range(1, 61), languages=["nl"])
    broadcast_id = await invite(database)
    await feed(database)
    await settle(database, await take(database))
    await act(database, broadcast_id, Act.PAUSE, "second@office.example")
    clock.move(days=8)
    await tick(database, "broadcasts_are_old")
    assert await state(database, broadcast_id) == "sent"
    assert await report(database, broadcast_id) == {"sent": 50, "expired": 10}
    clock.move(days=30)
    await tick(database, "broadcasts_are_old")
    async with database.begin() as work:
        assert await rows(work, "broadcast_recipients") == []
    async with database.begin() as work:
        me = await organiser(work, "much.later@office.example")
        assert (await sending.overview(work, me, broadcast_id)).report == {"sent": 50, "expired": 10}


async def test_after_a_restore_nothing_is_sent_on(
    database: Database, other_url: str, keys: KeyRing, clock: Clock
) -> None:
    await move_in(database, range(1, 61))
    broadcast_id = await invite(database)
    await feed(database)
    await take(database, 4)
    async with database.reading() as work:
        data = [line async for line in copying.lines(work, keys=False, backup_id="x")]
        secret = [line async for line in copying.lines(work, keys=True, backup_id="x")]
    async with opened(other_url, keys, clock) as restored:
        async with restored.begin() as work:
            await copying.restore(work, data, secret)
        assert await send_all(restored) == []
        found = await report(restored, broadcast_id)
        assert (sum(found.values()), set(found)) == (60, {"stopped", "uncertain"})


async def test_two_broadcasts_have_no_pseudonym_in_common(database: Database) -> None:
    await move_in(database, range(1, 6))
    for number in range(2):
        await invite(database, email=f"{number}@office.example")
    async with database.begin() as work:
        tags = [row["recipient_tag"] for row in await rows(work, "broadcast_recipients")]
        people_tags = [row["tag"] for row in await rows(work, "people")]
    assert len({*tags, *people_tags}) == 15


async def test_a_receipt_of_somebody_who_is_gone_does_no_harm(database: Database) -> None:
    async with database.begin() as work:
        await receipts.note(work, "recipient:gone", receipts.SENT)
        await receipts.returned(work, "recipient:gone")
        await opt_in(work, 1, "nl", Wish())
    broadcast_id = await invite(database)
    async with database.begin() as work:
        (one,) = await rows(work, "broadcast_recipients")
        await receipts.note(work, f"recipient:{one['id']}", receipts.BLOCKED)
    assert await report(database, broadcast_id) == {RecipientFate.BLOCKED: 1}


async def test_what_is_in_the_outbox_for_others_is_left_alone_by_a_stop(database: Database) -> None:
    await move_in(database, [1])
    broadcast_id = await invite(database)
    await feed(database)
    async with database.begin() as work:
        screen = notices.invitation(replace(Content(TEXTS)))
        await here(work, 2)
        await saying.show(work, reach_of(2), screen, many=True)
    await act(database, broadcast_id, Act.STOP, "second@office.example")
    assert [chat_of(row.envelope.to) for row in await take(database)] == [2]


async def test_who_says_stop_or_no_more_news_is_not_told_what_stands_in_the_outbox_already(
    database: Database, clock: Clock
) -> None:
    await move_in(database, range(1, 5))
    broadcast_id = await invite(database)
    await feed(database)
    async with database.begin() as work:
        await people.lost_contact(work, reach_of(1))
        await audience.choose(work, await here(work, 2), None)
    assert sorted(chat_of(row.envelope.to) for row in await take(database)) == [3, 4]
    assert await report(database, broadcast_id) == {"blocked": 1, "stopped": 1, "sending": 2}
    async with database.begin() as work:
        assert len(await rows(work, "outbox")) == 2
        assert sum(bool(row["handle"]) for row in await rows(work, "broadcast_recipients")) == 2


async def test_no_more_news_is_not_no_more_reminders(database: Database) -> None:
    await move_in(database, [1])
    async with database.begin() as work:
        await audience.choose(work, await here(work, 1), None)
        await saying.show(work, reach_of(1), notices.invitation(Content(TEXTS)), many=True, receipt="reminder:one")
    assert [chat_of(row.envelope.to) for row in await take(database)] == [1]


async def test_who_leaves_at_the_moment_at_which_they_are_fed_gets_nothing_and_leaves_nothing(
    postgres_url: str, keys: KeyRing, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        await move_in(database, [1, 2])
        broadcast_id = await invite(database)
        looked = residents.news_of

        async def news_of(work: Work, tags: list[bytes]) -> dict[bytes, tuple[bool, bool]]:
            found = await looked(work, tags)
            async with database.begin() as another:
                await erasing.erase(another, await here(another, 1))
            return found

        monkeypatch.setattr(residents, "news_of", news_of)
        await feed(database)
        monkeypatch.undo()
        assert [chat_of(row.envelope.to) for row in await take(database)] == [2]
        assert await report(database, broadcast_id) == {"sending": 1}
        async with database.begin() as work:
            assert len(await rows(work, "outbox")) == 1


async def test_who_leaves_while_the_audience_is_worked_out_leaves_no_handle(
    postgres_url: str, keys: KeyRing, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        await move_in(database, [1, 2])
        add, leaving = stored.add_recipients, []

        async def leave() -> None:
            async with database.begin() as work:
                await erasing.erase(work, await here(work, 1))

        async def add_recipients(work: Work, found: Sequence[Mapping[str, Any]]) -> None:
            leaving.append(asyncio.create_task(leave()))
            await done_or_waiting(database, leaving[0])
            await add(work, found)

        monkeypatch.setattr(stored, "add_recipients", add_recipients)
        broadcast_id = await invite(database)
        monkeypatch.undo()
        await leaving[0]
        assert await report(database, broadcast_id) == {"waiting": 1}
        assert await send_all(database) == [2]


async def test_a_recipient_who_is_gone_all_the_same_is_forgotten_when_their_turn_comes(database: Database) -> None:
    await move_in(database, [1, 2])
    await invite(database)
    async with database.begin() as work:
        await work.run(
            table("people").delete().where(table("people").c.tag == people.person_tag(work.keys, reach_of(1)))
        )
    assert await send_all(database) == [2]
    async with database.begin() as work:
        assert [row["state"] for row in await rows(work, "broadcast_recipients")] == ["sent"]


async def test_a_stop_at_the_moment_of_a_429_stops_what_telegram_refused(
    postgres_url: str, keys: KeyRing, clock: Clock
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        await move_in(database, [1])
        broadcast_id = await invite(database)
        await feed(database)
        (row,) = await take(database)
        stopping: asyncio.Task[BroadcastState] | None = None
        async with database.begin() as work:
            await delivering.settle(work, [SendResult(row, delivering.Fate.HALTED, retry_after=0.001)])
            stopping = asyncio.create_task(act(database, broadcast_id, Act.STOP, "second@office.example"))
            await done_or_waiting(database, stopping)
        assert await stopping == BroadcastState.STOPPED
        async with asyncio.timeout(30):
            while await halted(database):
                await asyncio.sleep(0.01)
        assert await send_all(database) == []
        assert await report(database, broadcast_id) == {"stopped": 1}


async def test_a_broadcast_that_is_stopped_when_its_week_is_over_stays_stopped(
    postgres_url: str, keys: KeyRing, clock: Clock
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        await move_in(database, [1])
        broadcast_id = await invite(database)
        async with database.begin() as work:
            me = await organiser(work, "second@office.example")
        clock.move(days=8)

        async def expire() -> None:
            async with database.begin() as work:
                await recipients.expire(work)

        async with database.begin() as work:
            version = (await rows(work, "broadcasts"))[0]["version"]
            await sending.act(work, me, broadcast_id, Act.STOP, version, seen="")
            expiring = asyncio.create_task(expire())
            assert await done_or_waiting(database, expiring)
        await expiring
        assert await state(database, broadcast_id) == "stopped"
        assert await report(database, broadcast_id) == {"stopped": 1}


async def reported(database: Database, broadcast_id: str) -> Overview:
    """The broadcast as an organiser sees it."""
    async with database.begin() as work:
        return await sending.overview(work, await organiser(work, "looks@office.example"), broadcast_id)


async def test_a_report_gives_no_small_group_away_neither_at_once_nor_a_month_later(
    database: Database, clock: Clock
) -> None:
    await move_in(database, [1], languages=["ar"])
    await move_in(database, range(2, 22), languages=["nl"])
    few = await invite(database, Content(TEXTS, languages=frozenset({"ar"})))
    many = await invite(database, email="second@office.example")
    for _ in range(2):
        await feed(database)
        taken = await take(database)
        for row in taken:
            blocked = row.language == "ar" or row.envelope.to == reach_of(2)
            await settle(database, [row], delivering.Fate.BLOCKED if blocked else delivering.Fate.SAID)
    await feed(database)
    found = await reported(database, few)
    assert (found.report, found.by_language) == ({"blocked": None}, {("ar", "blocked"): None})
    assert (await reported(database, many)).report == {"blocked": None, "sent": 15}
    clock.move(days=31)
    async with database.begin() as work:
        await recipients.forget(work)
    assert (await reported(database, few)).report == {"blocked": None}
    assert (await reported(database, many)).report == {"blocked": None, "sent": 15}


async def test_a_tally_of_before_gives_no_small_group_away(database: Database) -> None:
    await move_in(database, [1])
    broadcast_id = await invite(database)
    await send_all(database)
    async with database.begin() as work:
        await stored.change(work, broadcast_id, tally='{"sent": 40, "blocked": 1}')
    assert (await reported(database, broadcast_id)).report == {"sent": 40, "blocked": None}


async def test_a_language_that_we_do_not_have_is_refused_and_not_everybody(database: Database) -> None:
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        for languages in ({"fr"}, {"nl", "fr"}):
            with pytest.raises(BadBroadcast, match="bad_audience"):
                await drafts.write(work, me, Content(TEXTS, languages=frozenset(languages)))


async def test_a_test_is_no_change_of_the_draft(database: Database) -> None:
    await move_in(database, [1])
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS))
        command = await drafts.make_test(work, me, broadcast_id)
        shown = (await sending.overview(work, me, broadcast_id)).version
        assert await drafts.tried(work, command.removeprefix("/start test-"))
        assert await look_and_act(work, me, broadcast_id, Act.SEND, shown) == BroadcastState.SENDING


async def test_a_button_leads_to_a_meeting_that_residents_can_see(database: Database, clock: Clock) -> None:
    await move_in(database, range(1, 11))
    async with database.begin() as work:
        me, other = await organiser(work, "me@office.example"), await organiser(work, "other@office.example")
        draft = await planning.plan(work, me, PLAN)
        for value in (draft, "a" * 26, "no.meeting"):
            broadcast_id = await drafts.write(work, me, Content(TEXTS, go="meeting", value=value))
            with pytest.raises(BadBroadcast, match="closed_button"):
                await sending.act(work, me, broadcast_id, Act.SEND, 1, seen="")
        await planning.publish(work, me, draft, 1)
        broadcast_id = await drafts.write(work, me, Content(TEXTS, go="meeting", value=draft))
        assert await look_and_act(work, me, broadcast_id, Act.SEND, 1, 10) == BroadcastState.ASKED
        await planning.cancel(work, me, draft, 2)
        with pytest.raises(BadBroadcast, match="closed_button"):
            await sending.act(work, other, broadcast_id, Act.APPROVE, 2, seen="")


async def test_a_button_leads_to_a_round_whose_vote_is_open(database: Database) -> None:
    await move_in(database, [1])
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        unknown = await drafts.write(work, me, Content(TEXTS, go="round", value="a" * 26))
        with pytest.raises(BadBroadcast, match="closed_button"):
            await sending.act(work, me, unknown, Act.SEND, 1, seen="")
        found, _ = await open_round(work, 1)
        known = await drafts.write(work, me, Content(TEXTS, go="round", value=found.id))
        assert await look_and_act(work, me, known, Act.SEND, 1) == BroadcastState.SENDING


async def test_two_that_were_paused_for_a_week_count_from_when_they_were_sent(database: Database, clock: Clock) -> None:
    await move_in(database, [1])
    both = [await invite(database, email=f"{number}@office.example") for number in range(2)]
    for one in both:
        await act(database, one, Act.PAUSE, "pauses@office.example")
    clock.move(days=6, hours=22)
    for one in both:
        await act(database, one, Act.RESUME, "pauses@office.example")
    assert await send_all(database) == [1, 1]
    clock.move(hours=3)
    with pytest.raises(BadBroadcast, match="nobody"):
        await invite(database, email="later@office.example")
    clock.move(days=7)
    await invite(database, email="much.later@office.example")
    assert await send_all(database) == [1]


@pytest.mark.parametrize("column", ["news", "contact"])
async def test_one_damaged_resident_keeps_no_invitation_from_the_others(
    database: Database, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    await move_in(database, range(1, 6))
    people_table = table("people")
    async with database.begin() as work:
        damaged = people_table.update().where(people_table.c.tag == people.person_tag(work.keys, reach_of(3)))
        await work.run(damaged.values({column: b"damaged"}))
    await invite(database)
    assert sorted(await send_all(database)) == [1, 2, 4, 5]
    assert "1 resident" in caplog.text


async def test_one_damaged_recipient_has_failed_and_the_others_are_sent_to(database: Database) -> None:
    await move_in(database, range(1, 6))
    broadcast_id = await invite(database)
    recipients_table = table("broadcast_recipients")
    async with database.begin() as work:
        first = (await rows(work, "broadcast_recipients"))[0]["id"]
        damaged = recipients_table.update().where(recipients_table.c.id == first)
        await work.run(damaged.values(handle=b"damaged"))
    assert len(await send_all(database)) == 4
    assert await report(database, broadcast_id) == {"failed": 1, "sent": 4}


async def test_from_fifty_readers_a_test_of_these_very_texts_comes_first(database: Database) -> None:
    await move_in(database, range(1, 54), languages=["nl"])
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        broadcast_id = await drafts.write(work, me, Content(TEXTS))
        seen = (await sending.preview(work, me, broadcast_id)).seen
        with pytest.raises(BadBroadcast, match="no_test"):
            await sending.act(work, me, broadcast_id, Act.SEND, 1, seen=seen)
        await try_out(work, me, broadcast_id)
        await drafts.rewrite(work, me, broadcast_id, Content({**TEXTS, "tr": "Gelin!"}), 1)
        seen = (await sending.preview(work, me, broadcast_id)).seen
        with pytest.raises(BadBroadcast, match="no_test"):
            await sending.act(work, me, broadcast_id, Act.SEND, 2, seen=seen)
        await try_out(work, me, broadcast_id)
        assert await sending.act(work, me, broadcast_id, Act.SEND, 2, seen=seen) == BroadcastState.SENDING


async def test_small_ones_of_several_senders_count_together_for_a_week(database: Database, clock: Clock) -> None:
    here_too = ["FK01", "FK02", "FK03"]
    for number, buurt in enumerate(here_too):
        await move_in(database, range(number * 10 + 1, number * 10 + 11), languages=["nl"], neighbourhood=buurt)
    states: list[BroadcastState] = []
    for buurt in (*here_too, "FK01"):
        if len(states) == len(here_too):
            clock.move(days=7, minutes=1)
        async with database.begin() as work:
            me = await organiser(work, f"{buurt}.{len(states)}@office.example")
            one = await drafts.write(work, me, Content(TEXTS, buurten=frozenset({buurt})))
            states.append(await look_and_act(work, me, one, Act.SEND, 1, 40))
        await send_all(database)
    assert states == ["sending", "sending", "asked", "sending"]
    async with database.begin() as work:
        assert (await sending.preview(work, me, next(
            str(row["id"]) for row in await rows(work, "broadcasts") if row["state"] == "asked"
        ), 40)).asked_by == (StaffRole.ORGANISER, "none")  # fmt: skip


async def test_what_a_second_person_approved_does_not_count_in_the_week(database: Database) -> None:
    await move_in(database, range(1, 21), languages=["nl"])
    await move_in(database, range(21, 26), languages=["nl"], neighbourhood="FK02")
    async with database.begin() as work:
        me, other = await organiser(work, "me@office.example"), await organiser(work, "other@office.example")
        for buurt, state in (("FK01", BroadcastState.ASKED), ("FK02", BroadcastState.SENDING)):
            one = await drafts.write(work, me, Content(TEXTS, buurten=frozenset({buurt})))
            assert await look_and_act(work, me, one, Act.SEND, 1, 20) == state
            if state == BroadcastState.ASKED:
                await look_and_act(work, other, one, Act.APPROVE, 2, 20)


async def test_an_audience_that_grew_since_it_was_seen_is_shown_again(database: Database) -> None:
    await move_in(database, range(1, 10), languages=["nl"])
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        one = await drafts.write(work, me, Content(TEXTS))
        seen = (await sending.preview(work, me, one)).seen
    await move_in(database, range(10, 20), languages=["nl"])
    async with database.begin() as work:
        for other in (seen, ""):
            with pytest.raises(NotSeen):
                await sending.act(work, me, one, Act.SEND, 1, seen=other)
        assert await look_and_act(work, me, one, Act.SEND, 1) == BroadcastState.SENDING


async def test_a_draft_is_deleted_with_its_texts_and_nothing_else_is(database: Database) -> None:
    await move_in(database, [1])
    sent = await invite(database)
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        one = await drafts.write(work, me, Content(TEXTS))
        with pytest.raises(WrittenMeanwhile):
            await drafts.discard(work, me, one, 2)
        with pytest.raises(ActNotPossible):
            await drafts.discard(work, me, sent, 2)
        await drafts.discard(work, me, one, 1)
        assert [row["id"] for row in await rows(work, "broadcasts")] == [sent]
        entries = (await log(work, await organiser(work, "audit@office.example", StaffRole.AUDITOR))).entries
    assert entries[-1].act == "delete"


async def test_one_cannot_have_audiences_counted_without_end(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        me = await organiser(work, "me@office.example")
        one = await drafts.write(work, me, Content(TEXTS))
        for number in range(1, 40):
            slice_of = frozenset({"nl"} if number % 2 else {"tr"})
            await drafts.rewrite(work, me, one, Content(TEXTS, languages=slice_of), number)
        with pytest.raises(BadBroadcast, match="too_often"):
            await drafts.write(work, me, Content(TEXTS))
        words = Content({**TEXTS, "nl": "Anders"}, languages=slice_of)
        await drafts.rewrite(work, me, one, words, 40)  # other words for the same people are no count
    clock.move(hours=1)
    async with database.begin() as work:
        await drafts.write(work, me, Content(TEXTS))
