"""Sealing, wrapping and pseudonyms: content comes out as it was put in, and no other key or place opens it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sealing import (
    PADDING_STEP,
    CannotOpen,
    KeyRing,
    Place,
    is_id,
    new_id,
    new_key,
    seal,
    seal_json,
    unseal,
    unseal_json,
)

HERE = Place("signals", "a", "details")
KEY = new_key()
OVERHEAD = 1 + 12 + 16  # version, nonce, tag
everything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=1000))
def test_what_was_sealed_comes_out(content: bytes) -> None:
    assert unseal(KEY, seal(KEY, content, HERE), HERE) == content


@given(everything)
def test_values_come_out_as_they_were(values: object) -> None:
    assert unseal_json(KEY, seal_json(KEY, values, HERE), HERE) == values


def test_a_broken_character_that_somebody_sends_can_be_kept() -> None:
    assert unseal_json(KEY, seal_json(KEY, {"text": "\ud83d"}, HERE), HERE) == {"text": "\ud83d"}


@given(st.integers(0, 1100))
def test_a_length_tells_no_more_than_its_step(length: int) -> None:
    sealed = seal(KEY, bytes(length), HERE)
    assert (len(sealed) - OVERHEAD) % PADDING_STEP == 0
    assert len(sealed) - OVERHEAD - PADDING_STEP < length + 4 <= len(sealed) - OVERHEAD


def test_two_sealings_of_the_same_differ() -> None:
    assert len({seal(KEY, b"x", HERE) for _ in range(50)}) == 50


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x01" + bytes(12), b"\x02" + bytes(300), bytes(400)])
def test_what_was_never_sealed_is_refused(broken: bytes) -> None:
    with pytest.raises(CannotOpen):
        unseal(KEY, broken, HERE)


def test_an_error_holds_nothing_of_the_content_or_the_key() -> None:
    sealed = seal(KEY, b"a secret story", HERE)
    with pytest.raises(CannotOpen) as caught:
        unseal(new_key(), sealed, HERE)
    assert "story" not in repr(caught.value)
    assert caught.value.__cause__ is None


def ring(*numbers: int) -> KeyRing:
    return KeyRing({number: new_key() for number in numbers}, new_key())


def test_a_wrapped_key_comes_out_for_its_record_only() -> None:
    keys, key = ring(1), new_key()
    wrapped = keys.wrap(key, "record-a")
    assert keys.unwrap(wrapped, "record-a") == key
    with pytest.raises(CannotOpen):
        keys.unwrap(wrapped, "record-b")


def test_the_newest_team_key_wraps_and_the_older_ones_still_unwrap() -> None:
    keys, key = ring(1, 2), new_key()
    old = KeyRing({1: keys.team[1]}, keys.pseudonyms).wrap(key, "r")
    new = keys.wrap(key, "r")
    assert int.from_bytes(new[:4], "big") == 2
    assert keys.unwrap(old, "r") == keys.unwrap(new, "r") == key
    with pytest.raises(CannotOpen, match="1"):
        KeyRing({2: keys.team[2]}, keys.pseudonyms).unwrap(old, "r")


def test_the_number_of_another_team_key_does_not_open_it() -> None:
    keys = ring(1, 2)
    wrapped = keys.wrap(new_key(), "r")
    with pytest.raises(CannotOpen):
        keys.unwrap((1).to_bytes(4, "big") + wrapped[4:], "r")


@pytest.mark.parametrize("broken", [b"", b"\0\0\0\1", b"\0\0\0\1" + bytes(5), b"\0\0\0\1" + bytes(60)])
def test_what_was_never_wrapped_is_refused(broken: bytes) -> None:
    with pytest.raises(CannotOpen):
        ring(1).unwrap(broken, "r")


def test_pseudonyms_are_the_same_again_and_differ_by_purpose_subject_and_deployment() -> None:
    keys = ring(1)
    purposes = ["people", "signals", "outbox", "openers", "rates", "codes", "thread"]
    tags = {keys.tag(purpose, subject) for purpose in purposes for subject in ("telegram:1", "telegram:2")}
    assert len(tags) == 2 * len(purposes)
    assert keys.tag("people", "telegram:1") in tags
    assert ring(1).tag("people", "telegram:1") not in tags
    assert {len(tag) for tag in tags} == {32}


def test_a_ring_shows_nothing_of_its_keys() -> None:
    keys = ring(1)
    assert repr(keys) == "KeyRing()"
    assert str(keys.team[1])[2:8] not in f"{keys}"


def test_ids_fit_a_deep_link_and_do_not_repeat() -> None:
    ids = {new_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(one) == 26 and set(one) <= set("abcdefghijklmnopqrstuvwxyz234567") for one in ids)


def test_an_id_is_told_by_its_form() -> None:
    assert is_id(new_id())
    assert not any(map(is_id, ("", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 25 + "\x00", "a" * 26 + "\n")))
