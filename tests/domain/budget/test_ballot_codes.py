"""Voting codes: which ways of typing them are forgiven, and which mistakes the check character finds."""

import random

import pytest

from domain.budget.ballot_codes import (
    ALPHABET,
    LENGTH,
    code_in,
    code_word,
    looks_like_code,
    looks_like_receipt,
    new_code,
    new_receipt,
    read_code,
    shown,
)


def test_codes_and_receipts_are_random_and_of_the_alphabet() -> None:
    codes = {new_code() for _ in range(2000)}
    assert all(looks_like_code(code) for code in codes)
    assert len(codes) == 2000
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) and read_code(code) == code for code in codes)
    assert len({new_receipt() for _ in range(2000)}) == 2000
    assert len({code[0] for code in codes}) == len(ALPHABET) == 32


@pytest.mark.parametrize(
    "typed",
    [
        "{}", " {} ", "{lower}", "{dashed}", "{spaced}", "{alike}", "{arabic}", "\u200e{dashed}\u200f", "{dashed}.",
        "{under}",
    ],
)  # fmt: skip
def test_small_letters_blanks_dashes_other_digits_and_look_alikes_are_forgiven(typed: str) -> None:
    for _ in range(50):
        code = new_code()
        written = typed.format(
            code,
            lower=code.lower(),
            dashed=shown(code),
            spaced=" ".join(code),
            alike=code.replace("0", "o").replace("1", "I"),
            arabic=code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
            under="_".join((code[:7], code[7:])),
        )
        assert read_code(written) == code


def test_each_wrong_character_and_each_swap_of_two_is_found() -> None:
    chance = random.Random(1)
    for _ in range(200):
        code = new_code()
        for at in range(LENGTH):
            wrong = chance.choice([letter for letter in ALPHABET if letter != code[at]])
            assert read_code(code[:at] + wrong + code[at + 1 :]) is None
            for other in range(at):
                swapped = list(code)
                swapped[at], swapped[other] = swapped[other], swapped[at]
                assert code[at] == code[other] or read_code("".join(swapped)) is None


@pytest.mark.parametrize("typed", ["", "abc", "U" * 14, "0" * 13, "0" * 15, "SNW-2222-2222", "één twee drie", "🗳" * 14])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_a_mistyped_code_is_known_for_one_and_words_are_not() -> None:
    code = new_code()[:-2] + "77"
    assert looks_like_code(shown(code).lower())
    assert not looks_like_code("geachte heer x")
    assert not looks_like_code("Het verhaal van 5")
    assert not looks_like_code("SNW-2222-2222")


def test_a_right_code_is_known_however_it_is_spread() -> None:
    for _ in range(50):
        code = new_code()
        for at in range(1, LENGTH):
            assert looks_like_code(f"{code[:at].lower()}-{code[at:]}")
            assert not looks_like_code(f"{code[:at]} niet {code[at:]}")


@pytest.mark.parametrize(
    "said", ["Mijn code is {}", "رمزي {}", "رمزي: {}.", "{} dank je wel", "De 2 codes: {} en nog een", "{}"]
)
def test_a_code_is_found_among_words(said: str) -> None:
    for _ in range(50):
        code = new_code()
        for written in (code, shown(code), shown(code).lower().replace("-", " ")):
            assert code_in(said.format(written)) == code
            if " " not in written:
                assert code_word(said.format(written)) == code


def test_words_beside_each_other_are_no_code_where_none_was_asked() -> None:
    for _ in range(50):
        code = new_code()
        for at in range(1, LENGTH):
            assert code_word(f"het is {code[:at]} {code[at:]}") is None


@pytest.mark.parametrize(
    "said", ["", "ik heb geen code", "Bel 0612345678 voor een code", "Het verhaal van 5", "x" * 5000]
)
def test_no_code_is_found_where_there_is_none(said: str) -> None:
    assert code_in(said) is None
    assert code_word(said) is None


def test_a_receipt_is_known_as_it_is_shown_and_a_sentence_is_not_one() -> None:
    for _ in range(500):
        receipt = new_receipt()
        assert looks_like_receipt(receipt)
        assert looks_like_receipt(f" {receipt.lower().replace('-', ' ')}")
        assert looks_like_receipt(receipt.replace("-", ""))
    assert not looks_like_receipt("graag beter")
    assert not looks_like_receipt("0612345678")
    assert not looks_like_receipt("SNW-2222-2222")
    assert not looks_like_receipt(shown(new_code()))
    assert not looks_like_receipt("0612345678 bellen")
