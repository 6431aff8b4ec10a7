"""Staff make a round with its plans and codes; once the vote is open, nothing of it changes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.budget.ballot_codes import new_code, shown
from domain.budget.rounds import Extension, RoundState
from domain.refusals import NotAllowed
from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.budget import closing, codes, plan_import, plans, round_acts, rounds, voting
from services.budget.codes import UnknownCode, UsedCode
from services.budget.plan_table import WrongRow
from services.budget.plans import NoSuchPlan, WrongPlan
from services.budget.round_acts import Frozen, MayNotMove, WrongRound
from services.budget.rounds import NoSuchRound
from services.staff import access
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work
from storage.budget.ballots import on_roll, roll_counts
from storage.budget.rounds import change_round
from storage.engine.database import Database
from tests.opened import Clock, rows, table
from tests.rounds import drafted, open_round, organiser, plan_draft, round_draft, vote

PHOTO = b"\xff\xd8\xff\xe0 a photo"


async def test_a_round_is_made_changed_and_found(database: Database) -> None:
    async with database.begin() as work:
        made = await round_acts.make_round(work, organiser(), round_draft(work))
        assert (made.state, made.choose_min, made.choose_max, made.tie_seed) == (RoundState.DRAFTING, 3, 5, "")
        draft = round_draft(work, title={"nl": " Nieuw\u202e ", "en": ""}, amount_cents=1, areas=("FK01",))
        changed = await round_acts.change_round(work, organiser(), made.id, draft, made.version)
        assert (changed.title, changed.amount_cents, changed.areas) == ({"nl": "Nieuw"}, 1, ("FK01",))
    async with database.reading() as work:
        assert await round_acts.rounds(work, organiser()) == [changed] == [await rounds.round_of(work, made.id)]
        assert await rounds.open_rounds(work) == []
        with pytest.raises(NoSuchRound):
            await rounds.round_of(work, "x" * 26)


async def test_two_of_the_staff_do_not_overwrite_each_others_round_or_plan(database: Database) -> None:
    async with database.begin() as work:
        made = await drafted(work, 1)
        (plan,) = await plans.plans(work, made.id)
        richer = await round_acts.change_round(
            work, organiser(), made.id, round_draft(work, amount_cents=6), made.version
        )
        with pytest.raises(round_acts.RoundChanged):
            await round_acts.change_round(work, organiser(), made.id, round_draft(work), made.version)
        assert await rounds.round_of(work, made.id) == richer
        longer = await plans.change_plan(work, organiser(), made.id, plan.id, plan_draft(7), plan.version)
        with pytest.raises(plans.PlanChanged):
            await plans.change_plan(work, organiser(), made.id, plan.id, plan_draft(1), plan.version)
        assert await plans.plans(work, made.id) == [longer]
        moved = await round_acts.move_round(work, organiser(), made.id, RoundState.COLLECTING)
        assert moved.version > richer.version


async def test_the_same_request_makes_a_round_a_plan_and_codes_once(database: Database) -> None:
    async with database.begin() as work:
        me = organiser()
        made = await round_acts.make_round(work, me, round_draft(work), "one key")
        assert await round_acts.make_round(work, me, round_draft(work), "one key") == made
        plan = await plans.add_plan(work, me, made.id, plan_draft(1, photo=PHOTO), "one key")
        assert await plans.add_plan(work, me, made.id, plan_draft(1, photo=PHOTO), "one key") == plan
        assert len(await plan_import.import_plans(work, me, made.id, "title_nl,cost\nBank,1\nBoom,2", "one key")) == 2
        assert await plan_import.import_plans(work, me, made.id, "title_nl,cost\nBank,1\nBoom,2", "one key") == []
        await codes.make_codes(work, me, made.id, 2, once="one key")
        with pytest.raises(codes.GivenBefore):
            await codes.make_codes(work, me, made.id, 2, once="one key")
        for differently in (
            round_acts.make_round(work, me, round_draft(work, amount_cents=6), "one key"),
            plans.add_plan(work, me, made.id, plan_draft(1), "one key"),
            plan_import.import_plans(work, me, made.id, "title_nl,cost\nBank,1", "one key"),
            codes.make_codes(work, me, made.id, 3, once="one key"),
        ):
            with pytest.raises(RepeatedDifferently):
                await differently
        numbers = [len(await rows(work, name)) for name in ("rounds", "plans", "code_batches")]
        assert numbers == [1, 3, 1]


async def test_of_two_plans_with_one_key_at_once_the_refused_one_is_not_kept(database: Database) -> None:
    async with database.begin() as work:
        me = organiser()
        made = [(await round_acts.make_round(work, me, round_draft(work))).id for _ in range(2)]

    async def add(round_id: str, key: str) -> bool:
        # As the console does: a refusal that is told on a page undoes nothing.
        async with database.begin() as work:
            with suppress(RepeatedDifferently):
                await plans.add_plan(work, me, round_id, plan_draft(1), key)
                return True
        return False

    keys = [f"key {number}" for number in range(5)]
    kept = await asyncio.gather(*(add(round_id, key) for key in keys for round_id in made))
    async with database.begin() as work:
        assert len(await rows(work, "plans")) == sum(kept) == len(keys)


async def test_what_is_named_twice_is_kept_once(database: Database) -> None:
    async with database.begin() as work:
        draft = round_draft(work)
        twice = replace(draft, areas=draft.areas * 2, languages=draft.languages * 2)
        made = await round_acts.make_round(work, organiser(), twice)
    assert (made.areas, made.languages) == (draft.areas, draft.languages)


async def test_a_wrong_draft_names_its_field_and_keeps_nothing(database: Database) -> None:
    async with database.begin() as work:
        with pytest.raises(WrongRound, match="rule"):
            await round_acts.make_round(work, organiser(), round_draft(work, rule="lottery"))
        assert await rows(work, "rounds") == []


def deeds(made: rounds.Round, plan_id: str, code: str) -> list[Callable[[Work, Staff], Awaitable[object]]]:
    """Everything that staff can do with a round."""
    return [
        lambda work, staff: round_acts.change_round(work, staff, made.id, round_draft(work), 1),
        lambda work, staff: round_acts.move_round(work, staff, made.id, RoundState.VOTING),
        lambda work, staff: round_acts.extend_round(work, staff, made.id, made.closes_at + timedelta(days=1), "outage"),
        lambda work, staff: plans.add_plan(work, staff, made.id, plan_draft(9)),
        lambda work, staff: plans.change_plan(work, staff, made.id, plan_id, plan_draft(9), 1),
        lambda work, staff: plan_import.import_plans(work, staff, made.id, "title_nl,cost\nBank,10"),
        lambda work, staff: plans.remove_plan(work, staff, made.id, plan_id),
        lambda work, staff: codes.make_codes(work, staff, made.id, 1),
        lambda work, staff: codes.batches(work, staff, made.id),
        lambda work, staff: codes.set_handed_out(work, staff, made.id, "x", 1),
        lambda work, staff: codes.block_code(work, staff, made.id, code),
        lambda work, staff: codes.replace_code(work, staff, made.id, code),
    ]


async def test_only_organisers_and_admins_of_all_its_areas_touch_a_round(database: Database) -> None:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1)
        plan = (await plans.plans(work, made.id))[0]
    areas = frozenset({"Osdorp"})
    async with database.begin() as work:
        before = await rows(work, "rounds"), await rows(work, "plans"), await rows(work, "roll")
        for deed in deeds(made, plan.id, code):
            with pytest.raises(NoSuchRound):
                await deed(work, organiser(areas=areas))
            for role in set(StaffRole) - {StaffRole.ORGANISER, StaffRole.ADMIN}:
                with pytest.raises(NotAllowed):
                    await deed(work, organiser(role))
        for role in (StaffRole.HANDLER, StaffRole.VIEWER):
            with pytest.raises(NotAllowed):
                await round_acts.rounds(work, organiser(role))
        with pytest.raises(NoSuchRound):
            await round_acts.make_round(work, organiser(areas=areas), round_draft(work))
        assert await round_acts.rounds(work, organiser(areas=areas)) == []
        assert [one.id for one in await round_acts.rounds(work, organiser(StaffRole.ADMIN))] == [made.id]
        assert (await rows(work, "rounds"), await rows(work, "plans"), await rows(work, "roll")) == before


async def test_what_is_frozen_can_not_change(database: Database) -> None:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1)
        plan = (await plans.plans(work, made.id))[0]
        change, _, _, add, alter, take_in, remove = deeds(made, plan.id, code)[:7]
        for deed in (change, add, alter, take_in, remove):
            with pytest.raises(Frozen):
                await deed(work, organiser())
        assert await rounds.round_of(work, made.id) == made


async def test_a_vote_opens_only_with_plans_and_codes_and_then_draws_its_seed(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made = await drafted(work, 2)

        async def refused(reason: str) -> None:
            with pytest.raises(MayNotMove, match=reason):
                await round_acts.move_round(work, organiser(), made.id, RoundState.VOTING)

        await refused("plans")
        await plans.add_plan(work, organiser(), made.id, plan_draft(3))
        dear = await plans.add_plan(work, organiser(), made.id, plan_draft(4, cost_cents=made.amount_cents + 1))
        await refused("costs")
        hindrance = await round_acts.hindrance(work, made.id)
        assert hindrance is not None
        assert hindrance.plans == (4,)
        await plans.change_plan(work, organiser(), made.id, dear.id, plan_draft(4, cost_cents=made.amount_cents), 1)
        await refused("codes")
        await codes.make_codes(work, organiser(), made.id, 1)
        for to in (RoundState.COUNTING, RoundState.PUBLISHED, "nowhere", RoundState.DRAFTING):
            with pytest.raises(MayNotMove, match="move"):
                await round_acts.move_round(work, organiser(), made.id, to)
        opened = await round_acts.move_round(work, organiser(), made.id, RoundState.VOTING)
        assert len(opened.tie_seed) == 32
        assert opened.opens_at == work.now
        assert await rounds.open_rounds(work) == [opened]
        with pytest.raises(MayNotMove):
            await round_acts.move_round(work, organiser(), made.id, RoundState.COUNTING)
    async with database.begin() as work:
        late = await drafted(work)
        await codes.make_codes(work, organiser(), late.id, 1)
    clock.now = late.closes_at
    async with database.begin() as work:
        with pytest.raises(MayNotMove, match="dates"):
            await round_acts.move_round(work, organiser(), late.id, RoundState.VOTING)


async def test_an_open_vote_gets_more_time_which_is_kept_with_its_reason(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        waiting = await drafted(work)
        made, _ = await open_round(work, 1)
        later = made.closes_at + timedelta(days=3)
        with pytest.raises(MayNotMove, match="extend"):
            await round_acts.extend_round(work, organiser(), waiting.id, later, "outage")
        for wrong, until, why in (("closes_at", made.closes_at, "outage"), ("why", later, "lost")):
            with pytest.raises(WrongRound, match=wrong):
                await round_acts.extend_round(work, organiser(), made.id, until, why)
        longer = await round_acts.extend_round(work, organiser(), made.id, later, "outage")
        assert (longer.closes_at, longer.notice) == (later, "outage")
        assert longer.extensions == (Extension(work.now, made.closes_at, later, "outage"),)
        acts = (await access.log(work, organiser(StaffRole.AUDITOR))).entries
        assert (acts[-1].act, acts[-1].reason) == ("extend", "outage")
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        assert [one.id for one in await rounds.open_rounds(work) if one.id == made.id] == [made.id]
    clock.now = later
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        assert (await rounds.round_of(work, made.id)).state == RoundState.COUNTING
        with pytest.raises(MayNotMove, match="extend"):
            await round_acts.extend_round(work, organiser(), made.id, later + timedelta(days=1), "outage")


async def test_plans_are_added_changed_and_removed_and_keep_their_numbers(database: Database) -> None:
    async with database.begin() as work:
        made = await drafted(work, 3)
        first, second, third = await plans.plans(work, made.id)
        assert await plans.photo(work, first.id) is None
        changed = await plans.change_plan(work, organiser(), made.id, first.id, plan_draft(7, photo=PHOTO), 1)
        assert (changed.number, changed.title["nl"], changed.has_photo) == (1, "Plan 7", True)
        await plans.change_plan(work, organiser(), made.id, first.id, plan_draft(8), 2)
        assert await plans.photo(work, first.id) == PHOTO
        without = await plans.change_plan(work, organiser(), made.id, first.id, plan_draft(8, photo=b""), 3)
        assert (without.has_photo, await plans.photo(work, first.id)) == (False, None)
        await plans.change_plan(work, organiser(), made.id, second.id, plan_draft(2, photo=PHOTO), 1)
        await plans.remove_plan(work, organiser(), made.id, second.id)
        assert await rows(work, "plan_photos") == []
        fourth = await plans.add_plan(work, organiser(), made.id, plan_draft(4, photo=PHOTO))
        assert [one.number for one in await plans.plans(work, made.id)] == [1, 3, 4]
        assert (fourth.number, fourth.has_photo) == (4, True)
        other = await drafted(work)
        for plan_id in (third.id, second.id, "x"):
            with pytest.raises(NoSuchPlan):
                await plans.remove_plan(work, organiser(), other.id, plan_id)
        with pytest.raises(WrongPlan, match="cost_cents"):
            await plans.add_plan(work, organiser(), made.id, plan_draft(0))


async def test_titles_and_places_are_one_line_and_stories_are_as_they_were_written(database: Database) -> None:
    async with database.begin() as work:
        made = await round_acts.make_round(work, organiser(), round_draft(work, title={"nl": "Buurt\n budget"}))
        draft = plan_draft(1, title={"nl": "Bank\nVOTES"}, place="Plein\u2029\t1", story={"nl": "Een.\n\nTwee."})
        plan = await plans.add_plan(work, organiser(), made.id, draft)
        assert (made.title, plan.title) == ({"nl": "Buurt budget"}, {"nl": "Bank VOTES"})
        assert (plan.place, plan.story) == ("Plein 1", {"nl": "Een.\n\nTwee."})


async def test_plans_come_in_as_csv_in_the_ways_that_people_write_it(database: Database) -> None:
    table = (
        "\ufefftitle_nl;title_ar;story_nl;Place;cost\r\n"
        'Bankje;مقعد;"Regel één;\r\nregel twee";Plein;€ 12.500,50\r\n'
        "\r\n"
        "Boom;;;;12500\r\n"
    )
    async with database.begin() as work:
        made = await drafted(work, 1)
        bench, tree = await plan_import.import_plans(work, organiser(), made.id, table)
        assert (bench.number, bench.cost_cents, bench.place) == (2, 12_500_50, "Plein")
        assert bench.title == {"nl": "Bankje", "ar": "مقعد"}
        assert bench.story == {"nl": "Regel één;\nregel twee"}
        assert (tree.title, tree.story, tree.cost_cents) == ({"nl": "Boom"}, {}, 12_500_00)


@pytest.mark.parametrize("before", ["sep=;\r\n", "\r\n  \r\n", "\r\nsep=;\r\n"])
async def test_a_table_may_have_what_a_spreadsheet_adds(database: Database, before: str) -> None:
    table = f"{before}Title_NL;;cost;;\r\n;;;;\r\nBankje;;1250,5;;\r\nBoom;;€ 5.000,-\r\n"
    async with database.begin() as work:
        made = await drafted(work, 0)
        bench, tree = await plan_import.import_plans(work, organiser(), made.id, table)
        assert (bench.title, bench.cost_cents) == ({"nl": "Bankje"}, 1_250_50)
        assert (tree.title, tree.cost_cents) == ({"nl": "Boom"}, 5_000_00)


@pytest.mark.parametrize(
    ("line", "reason", "column", "table"),
    [
        (1, "unknown", "price", "title_nl,price\nBank,1"),
        (1, "unknown", "Title_DE", "Title_DE,cost\nBank,1"),
        (1, "twice", "title_nl", "title_nl,title_nl,cost\na,b,1"),
        (1, "missing", "cost", "title_nl,place\nBank,1"),
        (2, "missing", "title_nl", "sep=,\nplace,cost\nBank,1"),
    ],
)
async def test_a_wrong_column_is_named(database: Database, line: int, reason: str, column: str, table: str) -> None:
    async with database.begin() as work:
        made = await drafted(work, 0)
        with pytest.raises(WrongRow) as caught:
            await plan_import.import_plans(work, organiser(), made.id, table)
        assert (caught.value.line, caught.value.reason, caught.value.column) == (line, reason, column)


@pytest.mark.parametrize(
    ("line", "reason", "table"),
    [
        (1, "none", ""),
        (1, "none", "title_nl,cost\n"),
        (2, "none", "sep=;\ntitle_nl;cost\n;\n"),
        (2, "cost_cents", "title_nl,cost\nBank"),
        (2, "columns", "title_nl,cost\nBank,1,2"),
        (2, "columns", "title_nl,,cost\nBank,x,1"),
        (3, "cost_cents", "title_nl,cost\nBank,1\nBoom,veel"),
        (2, "cost_cents", "title_nl,cost\nBank,0"),
        (2, "cost_cents", 'title_nl,cost\nBank,"1,000"'),
        (2, "title_long", f"title_nl,cost\n{'x' * 121},1"),
        (4, "title", 'title_nl,story_nl,cost\nBank,"a\nb",1\n,leeg,1'),
        (2, "cells", 'title_nl,cost\n"Bank,1'),
        (3, "cells", f"sep=,\ntitle_nl,cost\n{'x' * 140_000},1"),
        (502, "many", "title_nl,cost\n" + "".join(f"Bank {one},1\n" for one in range(501))),
        (1, "size", "title_nl,cost\n" + "x" * 2_100_000),
    ],
)  # fmt: skip
async def test_a_wrong_row_is_named_and_nothing_of_the_file_is_kept(
    database: Database, line: int, reason: str, table: str
) -> None:
    async with database.begin() as work:
        made = await drafted(work, 0)
        with pytest.raises(WrongRow) as caught:
            await plan_import.import_plans(work, organiser(), made.id, table)
        assert (caught.value.line, caught.value.reason) == (line, reason)
        assert await plans.plans(work, made.id) == []


async def test_codes_are_shown_once_and_only_their_tags_are_kept(database: Database) -> None:
    async with database.begin() as work:
        made = await drafted(work)
        batch = await codes.make_codes(work, organiser(), made.id, 12, "business")
        assert len(set(batch.codes)) == 12
        await codes.make_codes(work, organiser(), made.id, 8)
        await codes.set_handed_out(work, organiser(), made.id, batch.batch_id, 5)
        with pytest.raises(ValueError, match="no more than were made"):
            await codes.set_handed_out(work, organiser(), made.id, batch.batch_id, 13)
        counts = await codes.code_counts(work, made.id)
        assert (counts.made, counts.handed_out, counts.used, counts.blocked) == (20, 13, 0, 0)
        assert {one.code_class: one.made for one in await codes.batches(work, organiser(), made.id)} == {
            "business": 12, "resident": 8,
        }  # fmt: skip
        for count, code_class in ((0, "resident"), (200_001, "resident"), (1, "cats")):
            with pytest.raises(ValueError, match="200,000"):
                await codes.make_codes(work, organiser(), made.id, count, code_class)
        kept = json.dumps([repr(row) for row in await rows(work, "roll")])
        assert not [code for code in batch.codes if code in kept or shown(code) in kept]


async def test_many_codes_are_made_in_portions_and_no_more_than_were_given(database: Database) -> None:
    me, seen = organiser(), []
    async with database.begin() as work:
        made = await drafted(work)
        begun = await codes.make_codes(work, me, made.id, 2500, "business", first=codes.AT_ONCE)
    async for some in codes.all_of(database.begin, me, made.id, begun, 2500, "business"):
        async with database.begin() as work:  # it is somebody else's turn
            (batch,) = await codes.batches(work, me, made.id)
            kept = await on_roll(work, codes.code_tag(work.keys, some[-1]))
            assert kept is not None
            assert (kept.round_id, kept.code_class) == (made.id, "business")
        seen.append((len(some), batch.made, batch.handed_out))
    assert seen == [(1000, 1000, 1000), (1000, 2000, 2000), (500, 2500, 2500)]
    async with database.begin() as work:
        begun = await codes.make_codes(work, me, made.id, 2500, first=codes.AT_ONCE)
    portions = codes.all_of(database.begin, me, made.id, begun, 2500, "resident")
    assert len(await anext(portions)) == 1000
    async with database.begin() as work:
        await change_round(work, made.id, state=RoundState.COUNTING)
    with pytest.raises(Frozen):
        await anext(portions)
    async with database.begin() as work:
        assert sum(one.made for one in await codes.batches(work, me, made.id)) == 3500
        assert sum((await roll_counts(work, made.id)).values()) == 3500


async def test_a_lost_code_is_blocked_or_replaced_but_no_ballot_can_be_taken_out(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, (lost, found, used) = await open_round(work, 3)
        _, (foreign,) = await open_round(work, 1)
        await codes.block_code(work, organiser(), made.id, shown(lost).lower())
        fresh = await codes.replace_code(work, organiser(), made.id, found)
        await vote(work, 1, fresh, [1, 2, 3])
        await vote(work, 2, used, [1, 2, 3])
        for code in (lost, found):
            with pytest.raises(voting.WrongCode):
                await voting.enter(work, reach_of(3), code)
        for code in (lost, foreign, new_code(), "no code"):
            with pytest.raises(UnknownCode):
                await codes.block_code(work, organiser(), made.id, code)
        with pytest.raises(UsedCode):
            await codes.replace_code(work, organiser(), made.id, used)
        counts = await codes.code_counts(work, made.id)
        assert (counts.made, counts.handed_out, counts.used, counts.blocked) == (4, 4, 2, 2)
    clock.now = made.closes_at + timedelta(seconds=1)
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        for deed in deeds(made, "", used)[-3:]:
            with pytest.raises(Frozen):
                await deed(work, organiser())
        # What stands with the batches counts no longer.
        await work.run(table("code_batches").update().values(handed_out=0))
        assert await codes.code_counts(work, made.id) == counts


async def test_while_a_vote_is_open_staff_see_in_steps_of_ten_how_many_codes_were_used(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 12)
        for number, code in enumerate(several, 1):
            await vote(work, number, code, [1, 2, 3])
            counts = await codes.counts_for_staff(work, made.id)
            assert (counts.used, counts.used_by) == (number // 10 * 10, {})
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        assert (await codes.counts_for_staff(work, made.id)).used == 12


async def test_what_staff_do_with_a_round_stands_in_the_access_log(database: Database) -> None:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1, many=3)
        await codes.block_code(work, organiser(), made.id, code)
        log = await access.log(work, organiser(StaffRole.AUDITOR))
        assert [entry.act for entry in log.entries] == ["round", *["plans"] * 3, "codes", "round", "block"]
        assert {entry.signal_tag for entry in log.entries} == {access.signal_tag(work, made.id)}
        assert (await access.verify(work)).broken is None


async def test_a_round_is_past_once_its_vote_has_closed_and_not_before(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        await drafted(work, 1)
        made, _ = await open_round(work, 1)
        assert await rounds.past_rounds(work) == []
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        assert [one.id for one in await rounds.past_rounds(work)] == [made.id]


def benches(many: int) -> str:
    return "title_nl,cost\n" + "".join(f"Bank {one},1\n" for one in range(many))


async def test_a_round_takes_500_plans_and_no_more_whichever_way_they_come(database: Database) -> None:
    async with database.begin() as work:
        made = await drafted(work, 1)
        with pytest.raises(WrongRow) as caught:
            await plan_import.import_plans(work, organiser(), made.id, benches(500))
        assert (caught.value.line, caught.value.reason) == (501, "many")
        await plan_import.import_plans(work, organiser(), made.id, benches(499))
        with pytest.raises(WrongPlan, match=r"^many$"):
            await plans.add_plan(work, organiser(), made.id, plan_draft(1))
        with pytest.raises(WrongRow) as full:
            await plan_import.import_plans(work, organiser(), made.id, benches(500))
        assert (full.value.line, full.value.reason) == (501, "many")
        *_, last = await plans.plans(work, made.id)
        assert last.number == 500
        await plans.remove_plan(work, organiser(), made.id, last.id)
        await plans.add_plan(work, organiser(), made.id, plan_draft(1))
