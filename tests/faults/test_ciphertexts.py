"""Flipped, cut, swapped and moved ciphertexts: not one is accepted."""

import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import update

from domain.sealing import CannotOpen, KeyRing, Place, new_id, new_key, seal, unseal
from handlers.telegram.reaches import reach_of
from services.people import residents
from services.rights import erasing
from storage.engine.database import Database
from tests.faults.search import FIELDS, blobs, ids, keys_in
from tests.lives import Marks, ask_to_cut, here, live
from tests.opened import everything, table

KEY = new_key()
RING = KeyRing({1: new_key(), 2: new_key()}, new_key())


def damaged(chance: random.Random, one: bytes, other: bytes) -> bytes:
    """One ciphertext changed in a way chosen at random, sometimes with pieces of another."""
    at = chance.randrange(len(one))
    match chance.randrange(7):
        case 0:
            return one[:at] + bytes([one[at] ^ 1 << chance.randrange(8)]) + one[at + 1 :]
        case 1:
            return one[:at]
        case 2:
            return one[at + 1 :]
        case 3:
            return one[:at] + one[at + chance.randrange(1, 20) :]
        case 4:
            return one[:at] + chance.randbytes(chance.randrange(1, 20)) + one[at:]
        case 5:
            return one[:at] + other[at:] if at else other[:13] + one[13:]
        case _:
            return one + chance.randbytes(chance.randrange(1, 300))


def place(chance: random.Random) -> Place:
    table_name, field = chance.choice(sorted(FIELDS))
    return Place(table_name, new_id(), field)


def attempts(chance: random.Random, count: int) -> Iterator[bool]:
    """Yield for each of `count` damaged or moved sealed values whether it was accepted."""
    for _ in range(count):
        here_, there = place(chance), place(chance)
        one, other = (seal(KEY, chance.randbytes(chance.randrange(600)), here_) for _ in range(2))
        tried = chance.choice([(KEY, damaged(chance, one, other), here_), (KEY, one, there), (new_key(), one, here_)])
        yield tried not in {(KEY, one, here_), (KEY, other, here_)} and accepted(*tried)


def accepted(key: bytes, sealed: bytes, at: Place) -> bool:
    with suppress(CannotOpen):
        unseal(key, sealed, at)
        return True
    return False


def unwrapped(wrapped: bytes, record: str) -> bool:
    with suppress(CannotOpen):
        RING.unwrap(wrapped, record)
        return True
    return False


def wrapped_attempts(chance: random.Random, count: int) -> Iterator[bool]:
    """Like `attempts`, for wrapped keys."""
    for _ in range(count):
        record, other_record = new_id(), new_id()
        one, other = RING.wrap(new_key(), record), RING.wrap(new_key(), record)
        tried = chance.choice([(damaged(chance, one, other), record), (one, other_record)])
        yield tried not in {(one, record), (other, record)} and unwrapped(*tried)


def test_of_two_thousand_damaged_or_moved_values_none_is_accepted() -> None:
    assert sum(attempts(random.Random(1), 1500)) == 0
    assert sum(wrapped_attempts(random.Random(2), 500)) == 0


@pytest.mark.proof
def test_of_a_hundred_thousand_damaged_or_moved_values_none_is_accepted() -> None:
    assert sum(attempts(random.Random(), 75_000)) == 0
    assert sum(wrapped_attempts(random.Random(), 25_000)) == 0


def test_the_undamaged_ones_are_accepted() -> None:
    here_ = Place("signals", "a", "details")
    assert accepted(KEY, seal(KEY, b"x", here_), here_)


def test_every_single_bit_counts() -> None:
    here_ = Place("signals", "a", "details")
    sealed = seal(KEY, b"x", here_)
    for at in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[at // 8] ^= 1 << at % 8
        assert not accepted(KEY, bytes(flipped), here_)


async def test_each_stored_value_opens_in_its_own_place_alone(
    database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: set[tuple[str, str]] = set()
    bound = Place.bound

    def recording(self: Place) -> bytes:
        made.add((self.table, self.field))
        return bound(self)

    monkeypatch.setattr(Place, "bound", recording)
    await ask_to_cut(database, await live(database))
    monkeypatch.setattr(Place, "bound", bound)
    assert made >= FIELDS - {("staff", "totp")}  # this one is made when somebody of the staff signs in
    assert made <= FIELDS
    async with database.reading() as work:
        rows = await everything(work)
    known = ids(rows)
    links = {row["token_hash"].hex() for row in rows["sign_in_links"]}
    places = [Place(name, row, field) for name, field in FIELDS for row in (*known, *links, "")]
    opens: dict[bytes, int] = {}
    for key in keys_in(blobs(rows), known, keys):
        for sealed in (blob for blob in blobs(rows) if blob[:1] == b"\x01"):
            opens[sealed] = opens.get(sealed, 0) + sum(accepted(key, sealed, at) for at in places)
    sealed_columns = [
        ("signals", "details"),
        ("signals", "handle"),
        ("signal_messages", "words"),
        ("people", "contact"),
        ("people", "news"),
        ("rsvps", "handle"),
    ]
    for name, column in sealed_columns:
        assert [opens[row[column]] for row in rows[name]] == [1] * len(rows[name])
    assert max(opens.values()) == 1


async def test_the_contact_of_one_resident_put_on_another_is_refused(database: Database) -> None:
    await live(database)
    await live(database, Marks(telegram_id=99))
    async with database.begin() as work:
        first, second = (await everything(work))["people"]
        changed = update(table("people")).where(table("people").c.tag == second["tag"])
        await work.run(changed.values(contact=first["contact"]))
        tags = {residents.person_tag(work.keys, reach_of(number)): number for number in (99, Marks().telegram_id)}
    async with database.begin() as work:
        with pytest.raises(CannotOpen):
            await erasing.my_data(work, await here(work, tags[second["tag"]]))
