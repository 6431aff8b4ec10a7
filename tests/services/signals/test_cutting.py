"""Cutting the line from a signal to its reporter: asked for, done by the clock, told; then nothing links the two."""

from __future__ import annotations

from domain.screens import Button, Screen, Text, to_plain
from domain.sealing import new_key
from handlers.chat.tap import ABOUT_ALL
from handlers.telegram.reaches import reach_of
from services.outbox import envelopes, saying
from services.people import residents
from services.rights import erasing
from services.signals import cutting, following, reporting
from services.speaking import delivering
from services.upkeep import copying, keeping
from storage.engine.database import Database
from storage.signals import line_cuts
from tests.lives import FAST, Life, Marks, ask_to_cut, here, live
from tests.opened import rows
from tests.ticks import tick

CUT = Screen((Text("signals.cut.done"),))
FAILED = Screen((Text("signals.deed.impossible"),))


async def waiting(database: Database) -> list[Screen | None]:
    async with database.reading() as work:
        found = [envelopes.opened(work.keys, row["envelope"], row["wrapped"]) for row in await rows(work, "outbox")
                 if row["envelope"]]  # fmt: skip
    return [one.screen for one in found]


async def is_cut(database: Database, life: Life) -> bool:
    async with database.reading() as work:
        (row,) = (row for row in await rows(work, "signals") if row["id"] == life.signal_id)
    return row["handle"] is None


async def test_it_is_told_only_after_it_is_done_and_then_nothing_of_the_request_is_left(database: Database) -> None:
    life = await live(database)
    assert await ask_to_cut(database, life)
    assert await ask_to_cut(database, life)  # pressed twice: one cut, told once
    await tick(database, "cuts_are_to_be_told")
    assert CUT not in await waiting(database)
    assert not await is_cut(database, life)
    await tick(database, "lines_are_to_be_cut")
    assert await is_cut(database, life)
    assert CUT not in await waiting(database)
    async with database.reading() as work:
        (row,) = await rows(work, "line_cuts")
        assert row["signal_id"] is None
    await tick(database, "cuts_are_to_be_told")
    await tick(database, "cuts_are_to_be_told")
    assert (await waiting(database)).count(CUT) == 1
    async with database.reading() as work:
        assert await rows(work, "line_cuts") == []


async def test_nobody_else_can_ask(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        other = await here(work, 99)
        await following.open_by_code(work, other.reach, life.code)
        asked = await cutting.ask(
            work, other.reach, life.signal_id, cut=CUT, failed=FAILED, edit=None, thread=ABOUT_ALL
        )
        assert not asked
        assert await rows(work, "line_cuts") == []


async def test_who_asked_is_told_that_it_failed_when_the_signal_is_gone(database: Database) -> None:
    life = await live(database)
    await ask_to_cut(database, life)
    async with database.begin() as work:
        await reporting.erase_all(work, reach_of(life.marks.telegram_id))
    for name in ("lines_are_to_be_cut", "cuts_are_to_be_told"):
        await tick(database, name)
    assert FAILED in await waiting(database)


async def test_who_erases_everything_meanwhile_is_told_nothing(database: Database) -> None:
    life = await live(database)
    await ask_to_cut(database, life)
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        assert (await erasing.my_data(work, me))["lines_being_cut"] == 1
        await erasing.erase(work, me)
        assert await rows(work, "line_cuts") == []


async def test_a_request_that_can_not_be_opened_holds_up_no_other(database: Database) -> None:
    life, other = await live(database), await live(database, Marks(telegram_id=99, story="another", name="Other"))
    await ask_to_cut(database, life)
    async with database.begin() as work:
        await work.run(line_cuts._cuts.update().values(wrapped=work.keys.wrap(new_key(), "wrong")))
    await ask_to_cut(database, other)
    for name in ("lines_are_to_be_cut", "cuts_are_to_be_told"):
        await tick(database, name)
    assert not await is_cut(database, life)
    assert await is_cut(database, other)


async def test_what_the_conversation_and_the_outbox_still_named_is_gone(database: Database) -> None:
    """A halt of Telegram, or a button pressed in between, can leave the signal's id there after the request."""
    life = await live(database)
    await ask_to_cut(database, life)
    named = Screen(
        (Text("signals.news.title"),), ((Button(Text("signals.news.open"), go="follow", value=life.signal_id),),)
    )
    async with database.begin() as work:
        me = await here(work, life.marks.telegram_id)
        flows = [{"answers": {"signal": life.signal_id}}, {"answers": {"told": "about something else"}}]
        await residents.keep_conversation(work, me, {"flows": flows, "shown": to_plain(named), "album": "a"})
        await saying.show(work, me.reach, named)
        await saying.show(work, me.reach, CUT, thread=life.signal_id)
        await saying.show(work, me.reach, FAILED, thread="another")
    await tick(database, "lines_are_to_be_cut")
    assert await is_cut(database, life)
    left = await waiting(database)
    assert named not in left
    assert CUT not in left
    assert FAILED in left
    async with database.begin() as work:
        kept = residents.conversation(await here(work, life.marks.telegram_id))
    assert kept == {"flows": [{"answers": {"told": "about something else"}}], "album": "a"}


async def test_a_cut_waits_for_what_is_being_said_about_the_signal(database: Database) -> None:
    """Otherwise it would be noted, after the cut, which messages on that phone were about the signal."""
    life = await live(database)
    async with database.begin() as work:
        await saying.show(work, reach_of(life.marks.telegram_id), FAILED, thread=life.signal_id)
        taken = await delivering.take(work, "speaker", 50, FAST)
        await delivering.start_sending(work, "speaker", [row.id for row in taken])
    await ask_to_cut(database, life)
    await tick(database, "lines_are_to_be_cut")
    assert not await is_cut(database, life)
    async with database.begin() as work:
        results = [delivering.SendResult(row, delivering.Fate.SAID, row.id) for row in taken]
        await delivering.settle(work, results)
    await tick(database, "lines_are_to_be_cut")
    assert await is_cut(database, life)
    async with database.reading() as work:
        threads = {row["thread_tag"] for row in await rows(work, "phone_messages")}
    assert database.keys.tag("thread", life.signal_id) not in threads


async def test_writing_anew_changes_no_row_and_no_file(database: Database) -> None:
    lives = [await live(database, Marks(telegram_id=number, story=f"story {number}")) for number in range(1, 4)]
    names = ("record_keys", "signals", "signal_messages", "signal_moves", "openers", "attachments", "conversations")
    async with database.begin() as work:
        before = {name: await rows(work, name) for name in (*names, "outbox", "phone_messages")}
        await line_cuts.hold_tables(work)
        await line_cuts.mix(work, [one.signal_id for one in lives[:1]])
        for name, found in before.items():
            after = await rows(work, name)
            assert sorted(map(repr, after)) == sorted(map(repr, found)), name
    async with database.begin() as work:
        await saying.show(work, reach_of(1), CUT)  # the counter of the outbox goes on
        assert len(await rows(work, "outbox")) == len(before["outbox"]) + 1


async def test_no_line_is_cut_while_a_backup_reads_and_it_is_afterwards(database: Database) -> None:
    """On SQLite the backup reads one unchanging state, so there the cut need not wait."""
    life = await live(database)
    await ask_to_cut(database, life)
    async with database.reading() as backup:
        await copying.hold_still(backup)
        assert await rows(backup, "line_cuts")
        await tick(database, "lines_are_to_be_cut")
        assert await is_cut(database, life) == database.is_sqlite
        lines = [line async for line in copying.lines(backup, keys=True, backup_id="b")]
        assert any("line_cuts" in line for line in lines)
    await tick(database, "lines_are_to_be_cut")
    assert await is_cut(database, life)


async def test_keys_rotate_reaches_a_request(database: Database) -> None:
    life = await live(database)
    await ask_to_cut(database, life)
    async with database.reading() as work:
        before = (await rows(work, "line_cuts"))[0]["wrapped"]
    assert (await keeping.rewrap_all(database.begin)).unreadable == 0
    async with database.reading() as work:
        assert (await rows(work, "line_cuts"))[0]["wrapped"] != before
