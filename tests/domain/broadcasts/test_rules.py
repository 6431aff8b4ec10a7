"""Broadcasts: what may be sent to whom, and counts from which the size of no small group can be worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.broadcasts.rules import (
    ACTS,
    SMALLEST_SHOWN,
    Act,
    BadBroadcast,
    BroadcastState,
    Content,
    Missing,
    check,
    check_ready,
    heard,
    may_reach,
    reads,
    shown,
    undecided,
)
from domain.staff.rights import Mandate, StaffRole

LANGUAGES = ("nl", "en", "tr", "ar")
DUTCH = Content({"nl": "Kom!"})


def test_a_missing_language_must_be_decided() -> None:
    assert undecided(DUTCH, LANGUAGES) == ["en", "tr", "ar"]
    with pytest.raises(BadBroadcast, match="no_decision"):
        check_ready(DUTCH, LANGUAGES)
    for missing in Missing:
        check_ready(Content({"nl": "Kom!"}, missing), LANGUAGES)
    check_ready(Content({"nl": "Kom!"}, languages=frozenset({"nl"})), LANGUAGES)


def test_who_falls_back_to_dutch_needs_a_dutch_text() -> None:
    with pytest.raises(BadBroadcast, match="no_text"):
        check_ready(Content({"tr": "Gelin!"}, Missing.DUTCH), LANGUAGES)
    with pytest.raises(BadBroadcast, match="no_text"):
        check_ready(Content({}, Missing.LEAVE_OUT), LANGUAGES)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (Content({"nl": "x" * 1501}), "too_long"),
        (Content({}, go="erase", value="x"), "bad_button"),
        (Content({}, go="meeting", value=""), "bad_button"),
        (Content({}, go="meeting", value="a b"), "bad_button"),
        (Content({}, go="round", value="x" * 41), "bad_button"),
        (Content({}, buurten=frozenset({"XX99"})), "bad_audience"),
    ],
)
def test_what_cannot_be_kept_is_refused(content: Content, why: str) -> None:
    with pytest.raises(BadBroadcast, match=why):
        check(content)


def test_who_reads_a_broadcast() -> None:
    here = Content({"nl": "Kom!"}, Missing.LEAVE_OUT, buurten=frozenset({"FK01"}))
    assert reads(here, "FK01", "nl")
    assert reads(here, None, "nl"), "who wants news of all Nieuw-West wants that of each neighbourhood"
    assert not reads(here, "FK02", "nl")
    assert not reads(here, "FK01", "tr"), "left out"
    assert reads(Content({"nl": "Kom!"}, Missing.DUTCH), "FK02", "tr"), "in Dutch"
    assert not reads(Content({"nl": "Kom!"}, Missing.DUTCH, languages=frozenset({"nl"})), "FK02", "tr")


def test_an_organiser_reaches_their_own_areas_only() -> None:
    osdorp = Mandate(StaffRole.ORGANISER, frozenset({"Osdorp"}))
    assert may_reach(osdorp, frozenset({"FK01"}))
    assert not may_reach(osdorp, frozenset({"FK01", "FL03"}))
    assert not may_reach(osdorp, frozenset()), "all of Nieuw-West is more than Osdorp"
    assert may_reach(Mandate(StaffRole.ORGANISER), frozenset())


def test_what_has_ended_stays_ended_and_whatever_is_being_sent_can_be_stopped() -> None:
    assert not ACTS[BroadcastState.SENT]
    assert not ACTS[BroadcastState.STOPPED]
    assert all(Act.STOP in ACTS[state] for state in (BroadcastState.SENDING, BroadcastState.PAUSED))


def test_a_small_group_is_hidden_and_is_not_in_the_total() -> None:
    found = shown({("FK01", "nl"): 100, ("FK01", "ar"): 3, ("FK02", "nl"): 7})
    assert (found.total, found.most) == (105, 117)
    assert found.cells == {("FK01", "nl"): 100, ("FK01", "ar"): None, ("FK02", "nl"): 5}
    assert shown({("FK01", "nl"): 3}).total is None
    assert (shown({("FK01", "nl"): 5}).total, shown({}).total, shown({}).most) == (5, 0, 0)


CELLS = st.dictionaries(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("nt")), st.integers(1, 12), max_size=8)


@given(CELLS, st.data())
def test_no_small_cell_can_be_worked_out(counted: dict[tuple[str, str], int], data: st.DataObject) -> None:
    """Whatever the small groups were, the same is shown."""
    small = st.integers(1, SMALLEST_SHOWN - 1)
    other = {cell: data.draw(small) if number < SMALLEST_SHOWN else number for cell, number in counted.items()}
    assert shown(counted) == shown(other)


@given(CELLS)
def test_counts_go_in_steps_and_nothing_shown_tells_more(counted: dict[tuple[str, str], int]) -> None:
    """Two numbers in the same step of five show the same, and so does everything worked out from them."""
    other = {cell: number - number % 5 or 1 for cell, number in counted.items()}
    assert (shown(counted), shown(counted).most) == (shown(other), shown(other).most)
    assert shown(counted).most >= sum(counted.values())


def test_two_slices_tell_no_more_than_their_cells() -> None:
    both = {("FK01", "nl"): 23, ("FK02", "nl"): 6}
    without = {("FK01", "nl"): 23}
    assert (shown(both).total or 0) - (shown(without).total or 0) == shown(both).cells["FK02", "nl"] == 5


def test_what_readers_get_without_a_text_of_their_own() -> None:
    assert heard(Content({"nl": "Kom!", "tr": "Gelin!"}, Missing.DUTCH), LANGUAGES) == {
        "nl": "Kom!", "en": "Kom!", "tr": "Gelin!", "ar": "Kom!",
    }  # fmt: skip
    assert heard(Content({"nl": "Kom!"}, Missing.LEAVE_OUT), LANGUAGES) == {"nl": "Kom!"}
    assert heard(Content({"nl": "Kom!"}, Missing.DUTCH, languages=frozenset({"ar"})), LANGUAGES) == {"ar": "Kom!"}
