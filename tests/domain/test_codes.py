"""Codes that residents copy: one wrong character is always found, and what keyboards add is forgiven."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import ALPHABET, PREFIX, code_in, looks_like_code, new_code, read_code

codes = st.builds(new_code)
between = st.text(" -–—\u2011\u2212.\u00a0\u200e\u200f\u2066\u2069", max_size=3)


def typed(code: str, *gaps: str) -> str:
    letters = code.replace("-", "")
    parts = (letters[:3], letters[3:7], letters[7:])
    return gaps[0] + parts[0] + gaps[1] + parts[1] + gaps[2] + parts[2] + gaps[3]


def test_a_code_has_the_form_that_is_promised() -> None:
    code = new_code()
    prefix, first, second = code.split("-")
    assert prefix == PREFIX
    assert len(first) == len(second) == 4
    assert set(first + second) <= set(ALPHABET)


def test_no_letter_can_be_taken_for_another_in_the_alphabet() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert not set("0O1I") & set(ALPHABET)


def test_codes_do_not_repeat() -> None:
    assert len({new_code() for _ in range(2000)}) == 2000


def test_every_single_wrong_character_is_found() -> None:
    for code in (new_code() for _ in range(20)):
        for place, letter in enumerate(code):
            if letter in ALPHABET and place >= len(PREFIX):
                wrong = [code[:place] + other + code[place + 1 :] for other in ALPHABET if other != letter]
                assert [read_code(one) for one in wrong] == [None] * 31


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    swapped = missed = 0
    for code in (new_code() for _ in range(300)):
        letters = code[4:].replace("-", "")
        for place in range(7):
            one, other = letters[place], letters[place + 1]
            if one != other:
                swapped += 1
                wrong = letters[:place] + other + one + letters[place + 2 :]
                missed += read_code(f"{PREFIX}{wrong}") is not None
    assert missed < swapped * 0.06


@given(codes, between, between, between, between)
def test_spaces_dashes_and_marks_of_direction_are_forgiven(code: str, a: str, b: str, c: str, d: str) -> None:
    assert read_code(typed(code, a, b, c, d)) == code
    assert looks_like_code(typed(code, a, b, c, d))


@given(codes)
def test_small_letters_are_forgiven(code: str) -> None:
    assert read_code(code.lower()) == code


@given(codes, between, st.sampled_from("-–‑."), between)
def test_the_prefix_can_be_left_out_where_something_stands_between(code: str, a: str, dash: str, b: str) -> None:
    _, first, second = code.split("-")
    assert read_code(f"{a}{first}{dash}{second}{b}") == code
    assert looks_like_code(f"{a}{first.lower()}{dash}{second}{b}")


def test_without_its_prefix_only_a_right_code_is_taken_for_one() -> None:
    assert looks_like_code("2QGV 2MHT") == (read_code("2QGV 2MHT") is not None)
    right = next(code for code in iter(new_code, "") if any(map(str.isdigit, code)))[4:]
    wrong = right[:-1] + next(letter for letter in ALPHABET if letter != right[-1])
    assert looks_like_code(right.replace("-", " "))
    assert not looks_like_code(wrong)
    assert not looks_like_code(right.replace("-", ""))


@given(st.text(ALPHABET[8:], min_size=4, max_size=4), st.text(ALPHABET[8:], min_size=4, max_size=4))
def test_two_words_of_four_letters_are_no_code(one: str, other: str) -> None:
    assert not looks_like_code(f"{one} {other}")


@given(codes, st.sampled_from([0x660, 0x6F0, 0xFF10]))
def test_digits_of_other_scripts_are_forgiven(code: str, zero: int) -> None:
    assert read_code("".join(chr(zero + int(c)) if c.isdecimal() else c for c in code)) == code


@given(st.text(max_size=30))
def test_what_is_no_code_is_none_and_nothing_breaks(text: str) -> None:
    found = read_code(text)
    assert found is None or looks_like_code(text)


def test_a_wrong_code_is_still_seen_to_be_meant_as_one() -> None:
    code = new_code()
    wrong = code[:-1] + next(letter for letter in ALPHABET if letter != code[-1])
    assert looks_like_code(wrong)
    assert read_code(wrong) is None
    assert not looks_like_code(f"my code is {code} and there is more to tell")


@pytest.mark.parametrize(
    "said", ["Mijn code is {}", "Mijn code is {}.", "رمزي {}", "{} dank je wel", "hier: {}, toch?"]
)
def test_a_code_is_found_among_words(said: str) -> None:
    for _ in range(50):
        code = new_code()
        for written in (code, code.lower(), code.replace("-", " "), code.replace("-", "")):
            assert code_in(said.format(written)) == code


@given(codes)
def test_in_a_sentence_a_code_without_its_beginning_or_with_a_wrong_character_is_none(code: str) -> None:
    assert code_in(f"het was {code[4:]} daar") is None
    wrong = ALPHABET[ALPHABET.index(code[-1]) - 1]
    assert code_in(f"het was {code[:-1]}{wrong}") is None
    assert code_in(f"het was X{code}") is None
