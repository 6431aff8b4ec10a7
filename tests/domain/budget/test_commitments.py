"""Commitments bind a ballot and hide it; batches are never small, and the chain shows every change."""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.budget.commitments import LEAST, Commitment, SealedChoice, chained, evening_batch, framed, new_salt
from domain.chain import BEGINNING, first_broken

DAY = date(2026, 11, 21)
BALLOT = SealedChoice((1, 4, 9), "7K2MQ-9RX4T", "ab" * 32)


def values(many: int) -> list[bytes]:
    """Commitments to `many` ballots that differ in their salt alone."""
    return [replace(BALLOT, salt=new_salt()).commitment("round") for _ in range(many)]


def broken(entries: Sequence[Commitment], head: bytes) -> int | None:
    """The place (from 0) of the first entry that is not as it was published; None when all are."""
    return first_broken(BEGINNING, head, ((one.content(), one.link) for one in entries))


def test_a_commitment_is_what_its_description_says() -> None:
    fields = (b"buurtstem ballot 2", b"round", b"7K2MQ-9RX4T", b"1,4,9", b"ab" * 32)
    written = b"".join(struct.pack(">Q", len(field)) + field for field in fields)
    assert BALLOT.commitment("round") == hashlib.sha256(written).digest()


def test_fields_that_are_cut_elsewhere_are_other_bytes() -> None:
    whole = "a|b,c"
    cuts = [(whole[:one], whole[one:other], whole[other:]) for one in range(6) for other in range(one, 6)]
    assert len({framed(*cut) for cut in cuts}) == len(cuts)
    assert framed("é", "") != framed("", "é")


def test_each_part_of_a_ballot_changes_its_commitment() -> None:
    others = [
        replace(BALLOT, choices=(1, 4)),
        replace(BALLOT, choices=(14, 9)),
        replace(BALLOT, receipt="7K2MQ-9RX4V"),
        replace(BALLOT, salt="cd" * 32),
    ]
    found = {one.commitment("round") for one in (BALLOT, *others)} | {BALLOT.commitment("other round")}
    assert len(found) == 6


def test_an_evening_publishes_ten_or_more_and_holds_ten_back_or_publishes_none() -> None:
    for many in range(60):
        waiting = values(many)
        batch = evening_batch(waiting)
        assert set(batch) <= set(waiting)
        assert len(batch) == (many - LEAST if many >= 2 * LEAST else 0)


def test_which_are_held_back_is_random() -> None:
    waiting = values(20)
    assert len({tuple(evening_batch(waiting)) for _ in range(20)}) > 15


def test_a_chain_goes_on_over_batches_and_a_change_in_it_is_found() -> None:
    first = chained([], values(10), DAY)
    second = chained(first, values(12), DAY)
    chain = first + second
    assert [one.number for one in chain] == list(range(1, 23))
    assert [one.batch for one in chain] == [1] * 10 + [2] * 12
    assert [one.value for one in first] == sorted(one.value for one in first)

    assert broken(chain, chain[-1].link) is None
    for at, one in enumerate(chain):
        for changed in (
            replace(one, value=bytes(32)), replace(one, batch=9), replace(one, day=date(2026, 11, 22)),
        ):  # fmt: skip
            assert broken([*chain[:at], changed, *chain[at + 1 :]], chain[-1].link) == at
        assert broken([*chain[:at], *chain[at + 1 :]], chain[-1].link) == at


def test_an_empty_batch_adds_nothing() -> None:
    assert chained([], [], DAY) == []
