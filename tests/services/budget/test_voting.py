"""A resident votes: code, draft, cast, change; and the close, after which nothing leads from a ballot to its code."""

from datetime import timedelta
from typing import Any

import pytest

from domain.budget.ballot_codes import new_code, shown
from domain.budget.rounds import RoundState
from handlers.telegram.reaches import reach_of
from services.budget import closing, codes, voting
from services.budget.voting import NoDraft, NotOpen, TooFewPlans, TooManyGuesses, TooManyPlans, WrongCode
from services.rights import erasing
from storage.budget import ballots
from storage.engine.database import Database
from tests.lives import here
from tests.opened import Clock, rows
from tests.rounds import choose, drafted, open_round, organiser, vote

ME, YOU = 11, 22


async def test_a_resident_votes_and_the_last_ballot_of_a_code_counts(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, (code, other) = await open_round(work, 2)
    async with database.begin() as work:
        assert await voting.draft(work, reach_of(ME)) is None
        entry = await voting.enter(work, reach_of(ME), shown(code).lower())
        assert (entry.round.id, entry.voted) == (made.id, False)
        draft = await choose(work, ME, [5, 1, 2])
        assert draft.choices == (1, 2, 5)
        assert sorted(draft.order(range(1, 7))) == [1, 2, 3, 4, 5, 6]
    async with database.begin() as work:
        assert await voting.draft(work, reach_of(ME)) == draft
        first = await voting.cast(work, reach_of(ME))
        assert not first.changed
        assert await voting.draft(work, reach_of(ME)) is None
    async with database.begin() as work:
        assert (await voting.enter(work, reach_of(YOU), code)).voted
        assert (await choose(work, YOU, [3, 4, 6])).order(range(1, 7)) == draft.order(range(1, 7))
        second = await voting.cast(work, reach_of(YOU))
        third = await vote(work, ME, other, [1, 2, 3, 4, 5])
        assert (second.changed, third.changed) == (True, False)
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        found = await closing.opened(work, made.id)
    assert {one.receipt: one.choices for one in found.ballots} == {
        second.receipt: (3, 4, 6), third.receipt: (1, 2, 3, 4, 5),
    }  # fmt: skip
    assert (found.blank, found.replaced, found.counts.used) == (0, (), 2)
    assert found.counts.used_by == {("resident", "telegram"): 2}
    assert {one.value for one in found.commitments[1:]} == {one.commitment(made.id) for one in found.ballots}
    assert [plan.number for plan in found.plans] == [1, 2, 3, 4, 5, 6]


async def test_a_code_is_forgiven_its_writing_and_nothing_else(database: Database) -> None:
    async with database.begin() as work:
        made, (code, blocked) = await open_round(work, 2)
        await codes.block_code(work, organiser(), made.id, blocked)
        assert (await voting.enter(work, reach_of(ME), f" {shown(code).lower()} ")).round == made
        for wrong in ("", "hello", code[:-1], new_code(), blocked):
            with pytest.raises(WrongCode):
                await voting.enter(work, reach_of(YOU), wrong)
        assert await voting.draft(work, reach_of(YOU)) is None


async def test_codes_can_not_be_guessed(database: Database, clock: Clock) -> None:
    clock.move(minutes=20)
    async with database.begin() as work:
        _, (code,) = await open_round(work, 1)
        for _ in range(20):
            with pytest.raises(WrongCode):
                await voting.enter(work, reach_of(ME), "a slip of the thumb")
        for _ in range(10):
            with pytest.raises(WrongCode):
                await voting.enter(work, reach_of(ME), new_code())
        with pytest.raises(TooManyGuesses) as caught:
            await voting.enter(work, reach_of(ME), code)
        assert caught.value.until == clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        await voting.enter(work, reach_of(YOU), code)
    clock.now = caught.value.until - timedelta(seconds=1)
    async with database.begin() as work:
        with pytest.raises(TooManyGuesses):
            await voting.enter(work, reach_of(ME), code)
    clock.now = caught.value.until
    async with database.begin() as work:
        await voting.enter(work, reach_of(ME), code)


async def test_no_vote_before_the_opening_or_after_the_close(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        early = await drafted(work)
        (code,) = (await codes.make_codes(work, organiser(), early.id, 1)).codes
        with pytest.raises(NotOpen) as caught:
            await voting.enter(work, reach_of(ME), code)
        assert caught.value.round == early
        made, (late,) = await open_round(work, 1)
        await voting.enter(work, reach_of(ME), late)
        await choose(work, ME, [1, 2, 3])
    clock.now = made.closes_at
    async with database.begin() as work:
        for deed in (voting.enter(work, reach_of(ME), late), voting.cast(work, reach_of(ME))):
            with pytest.raises(NotOpen):
                await deed
        with pytest.raises(NoDraft):
            await choose(work, ME, [1])
        assert await voting.draft(work, reach_of(ME)) is None
        await closing.open_and_close_due(work)
        with pytest.raises(NotOpen) as closed:  # the code still tells which round it was for
            await voting.enter(work, reach_of(YOU), late)
        assert (closed.value.round.id, closed.value.round.state) == (made.id, RoundState.COUNTING)
        with pytest.raises(NoDraft):
            await voting.cast(work, reach_of(ME))


async def test_a_ballot_names_as_many_plans_as_the_round_says(database: Database) -> None:
    async with database.begin() as work:
        _, (code,) = await open_round(work, 1)
        for deed in (choose(work, ME, [1]), voting.cast(work, reach_of(ME))):
            with pytest.raises(NoDraft):
                await deed
        await voting.enter(work, reach_of(ME), code)
        with pytest.raises(TooManyPlans):
            await choose(work, ME, [1, 2, 3, 4, 5, 6])
        with pytest.raises(ValueError, match="that number"):
            await choose(work, ME, [7])
        assert (await choose(work, ME, [2, 2, 1])).choices == (1, 2)
        with pytest.raises(TooFewPlans):
            await voting.cast(work, reach_of(ME))
        assert (await choose(work, ME, [])).choices == ()
        await choose(work, ME, [6, 5, 4, 3, 2])
        await voting.cast(work, reach_of(ME))
        with pytest.raises(NoDraft):  # a second press
            await voting.cast(work, reach_of(ME))


async def test_a_changed_vote_writes_nothing_on_the_roll(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    async def noted(*given: Any, **values: Any) -> None:
        written.append(values)
        await change(*given, **values)

    change = ballots.change_on_roll
    monkeypatch.setattr(ballots, "change_on_roll", noted)
    async with database.begin() as work:
        _, (code,) = await open_round(work, 1)
    for chosen in ([1, 2, 3], [2, 3, 4], [4, 5, 6]):
        async with database.begin() as work:
            await voting.enter(work, reach_of(ME), code)
            await choose(work, ME, chosen)
            await voting.cast(work, reach_of(ME))
    assert written == [{"channel": "telegram"}], "whoever reads the disk would see which rows were written together"


async def test_a_code_that_is_blocked_while_somebody_votes_with_it_no_longer_votes(database: Database) -> None:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1)
        await voting.enter(work, reach_of(ME), code)
        await choose(work, ME, [1, 2, 3])
        await codes.block_code(work, organiser(), made.id, code)
        with pytest.raises(WrongCode):
            await voting.cast(work, reach_of(ME))
        assert await rows(work, "ballots") == []


async def test_two_people_on_one_phone_and_one_person_on_two(database: Database) -> None:
    async with database.begin() as work:
        _, (mine, yours) = await open_round(work, 2)
        await vote(work, ME, mine, [1, 2, 3])
        assert not (await vote(work, ME, yours, [4, 5, 6])).changed
        await voting.enter(work, reach_of(ME), mine)
        await voting.enter(work, reach_of(YOU), mine)
        await choose(work, ME, [1, 2, 4])
        await choose(work, YOU, [1, 2, 5])
        assert (await voting.cast(work, reach_of(YOU))).changed
        assert (await voting.cast(work, reach_of(ME))).changed
        assert len(await rows(work, "ballots")) == 2


async def test_the_order_of_plans_differs_between_codes(database: Database) -> None:
    async with database.begin() as work:
        _, several = await open_round(work, 20)
        orders = set()
        for code in several:
            await voting.enter(work, reach_of(ME), code)
            found = await voting.draft(work, reach_of(ME))
            assert found is not None
            orders.add(found.order(range(1, 7)))
        assert len(orders) > 10


async def test_a_dropped_draft_is_gone_and_who_is_erased_has_none(database: Database) -> None:
    async with database.begin() as work:
        _, (code,) = await open_round(work, 1)
        await voting.enter(work, reach_of(ME), code)
        await voting.drop_draft(work, reach_of(ME))
        assert await voting.draft(work, reach_of(ME)) is None
        await voting.enter(work, reach_of(ME), code)
        await erasing.erase(work, await here(work, ME))
        assert await rows(work, "drafts") == []


async def test_nothing_that_is_kept_tells_a_choice_a_code_or_a_person_in_plain(database: Database) -> None:
    telegram_id = 7_301_946_582
    async with database.begin() as work:
        _, (code, other) = await open_round(work, 2, choose_max=6)
        few = await vote(work, telegram_id, code, [1, 2, 3])
        await vote(work, telegram_id, other, [1, 2, 3, 4, 5, 6])
        await voting.enter(work, reach_of(telegram_id), code)
        await choose(work, telegram_id, [4, 5, 6])
        found = {name: await rows(work, name) for name in ("roll", "ballots", "drafts", "rates")}
    kept = b"".join(value for all_rows in found.values() for row in all_rows for value in row.values()
                    if isinstance(value, bytes)) + repr(found).encode()  # fmt: skip
    for mark in (code, shown(code), other, few.receipt, str(telegram_id)):
        assert mark.encode() not in kept
    assert len({len(row["content"]) for row in found["ballots"]}) == 1
    assert not {row["code_tag"] for row in found["roll"]} & {row["ballot_tag"] for row in found["ballots"]}
    assert all(set(row) == {"code_tag", "round_id", "code_class", "channel", "blocked"} for row in found["roll"])
    assert all(set(row) == {"ballot_tag", "round_id", "content"} for row in found["ballots"])


async def test_the_longest_ballot_and_draft_look_like_the_shortest(database: Database) -> None:
    async with database.begin() as work:
        _, (one, other) = await open_round(work, 2, many=500, amount_cents=500_000_00, choose_min=1, choose_max=20)
        await vote(work, ME, one, [1])
        await vote(work, ME, other, range(481, 501))
        await voting.enter(work, reach_of(ME), one)
        await choose(work, ME, [1])
        await voting.enter(work, reach_of(9_999_999_999_999), other)
        await choose(work, 9_999_999_999_999, range(481, 501))
        for name in ("ballots", "drafts"):
            assert len({len(row["content"]) for row in await rows(work, name)}) == 1
