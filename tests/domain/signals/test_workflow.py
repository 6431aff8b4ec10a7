"""The workflow of a signal: the table of its moves, and what follows from that table."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from domain.signals.workflow import (
    ENDED,
    MOVES,
    REOPEN_WITHIN,
    Mover,
    Status,
    may_move,
    next_moves,
    status_after_reply,
    way,
    within_reach,
)

TODAY = date(2026, 11, 21)
FINAL = {Status.WITHDRAWN, Status.DUPLICATE, Status.CLOSED}
OPEN = set(Status) - ENDED


def reachable(movers: set[Mover]) -> set[Status]:
    found = {Status.RECEIVED}
    while True:
        more = {end for (start, end), who in MOVES.items() if start in found and who & movers}
        if more <= found:
            return found
        found |= more


def test_every_state_can_be_reached_from_received() -> None:
    assert reachable(set(Mover)) == set(Status) - {Status.PASSED_ON}


def test_nothing_is_passed_on_without_a_recorded_yes() -> None:
    """A reporter's yes to a named partner can't be recorded yet, so nobody may pass a signal on."""
    assert not [start for start, end in MOVES if end == Status.PASSED_ON]


def test_staff_alone_reach_everything_but_what_is_the_reporters() -> None:
    assert reachable({Mover.STAFF}) == set(Status) - {Status.WITHDRAWN, Status.PASSED_ON}


@pytest.mark.parametrize("start", Status)
def test_one_act_goes_only_by_moves_of_staff_and_ends_nothing_on_the_way(start: Status) -> None:
    for end in within_reach(start, TODAY, TODAY):
        steps = way(start, end, TODAY, TODAY)
        assert steps[-1] == end
        assert not ENDED & set(steps[:-1])
        for begin, step in pairwise((start, *steps)):
            assert Mover.STAFF in MOVES[begin, step]
    assert start not in within_reach(start, TODAY, TODAY)
    assert way(start, Status.PASSED_ON, TODAY, TODAY) == ()


def test_every_move_names_somebody_who_may_make_it() -> None:
    assert all(movers for movers in MOVES.values())


def test_no_move_leads_to_where_the_signal_stands() -> None:
    assert all(start != end for start, end in MOVES)


@pytest.mark.parametrize("final", sorted(FINAL))
def test_nothing_leads_out_of_a_final_state(final: Status) -> None:
    assert not [end for start, end in MOVES if start == final]
    for mover in Mover:
        assert next_moves(final, mover, TODAY, TODAY) == ()


@pytest.mark.parametrize("status", sorted(OPEN))
def test_the_reporter_can_withdraw_whatever_is_open(status: Status) -> None:
    assert next_moves(status, Mover.REPORTER, None, TODAY) == (Status.WITHDRAWN,)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_nobody_withdraws_what_has_ended(status: Status) -> None:
    assert (status, Status.WITHDRAWN) not in MOVES


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.NOT_RESOLVED])
@pytest.mark.parametrize("mover", [Mover.REPORTER, Mover.STAFF])
def test_reopening_is_possible_for_thirty_days_and_no_longer(status: Status, mover: Mover) -> None:
    last = TODAY + REOPEN_WITHIN
    assert timedelta(days=30) == REOPEN_WITHIN
    assert may_move(status, Status.IN_REVIEW, mover, TODAY, TODAY)
    assert may_move(status, Status.IN_REVIEW, mover, TODAY, last)
    assert not may_move(status, Status.IN_REVIEW, mover, TODAY, last + timedelta(days=1))


def test_the_clock_only_closes_what_waits_for_its_reporter() -> None:
    assert {move for move, who in MOVES.items() if Mover.CLOCK in who} == {(Status.WAITING_FOR_REPORTER, Status.CLOSED)}


def test_a_move_that_is_not_in_the_table_is_forbidden_to_everybody() -> None:
    for start in Status:
        for end in set(Status) - {end for begin, end in MOVES if begin == start}:
            assert not any(may_move(start, end, mover, None, TODAY) for mover in Mover)


@pytest.mark.parametrize("status", list(Status))
def test_an_answer_of_the_reporter_moves_only_what_waits_for_it_and_by_a_move_of_the_table(status: Status) -> None:
    after = status_after_reply(status)
    if status == Status.WAITING_FOR_REPORTER:
        assert (status, after) in MOVES
    else:
        assert after == status
