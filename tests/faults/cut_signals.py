"""The matcher, who has all that is on disk, tries to pair signals whose line was cut with their reporters.

The people of a street report one after the other, and every second one cuts their line, in the order of the reports:
the easiest order for the matcher, who then holds the rows with what PostgreSQL (xmin, ctid) and SQLite (the place in
the file and its log) add to them, the order of a backup, all keys, and PostgreSQL's own files after a checkpoint.
"""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import comb, erfc, factorial, fsum, sqrt
from pathlib import Path
from typing import Any

from sqlalchemy import text

from conversations.people import menu
from domain.pace import Pace
from domain.screens import Screen, Text
from domain.sealing import KeyRing, Place, unseal_json
from domain.signals.workflow import GivenFile, Kind, Report
from handlers.chat.tap import ABOUT_ALL
from handlers.telegram.reaches import DOOR, reach_of
from services.outbox import saying
from services.outbox.envelopes import about_tag, chat_tag
from services.people import residents, updates
from services.people.residents import Resident
from services.signals import attachments, cutting, reporting
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from services.subjects import TABLES
from storage.engine.database import Database
from storage.upkeep import copying
from tests.opened import Clock, rows
from tests.postgres import PostgresServer
from tests.ticks import tick

PHOTOS = 4  # one in so many reports has a photo
FAST = Pace(1000, timedelta(0), timedelta(0))
Rank = Mapping[Any, Any]  # a person or a signal -> what it is put in order by
DONE = Screen((Text("signals.cut.done"),), ((menu.MENU,),))


@dataclass
class Street:
    """What happened (truth: person -> signal, of those who cut), and what a later look at the disk shows."""

    truth: dict[int, str] = field(default_factory=dict)
    sealed: dict[bytes, str] = field(default_factory=dict)  # sealed bytes that named person and signal -> their table
    people: dict[str, Rank] = field(default_factory=dict)
    signals: dict[str, Rank] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)  # what on the disk still names both


async def live(database: Database, clock: Clock, count: int, seed: int) -> Street:
    """Let `count` people who will cut their line, and as many who won't, report within one day; then let those cut."""
    chance, street = random.Random(seed), Street()
    for number in range(2 * count):
        telegram_id = 7_000_000_000 + chance.randrange(10**9)
        clock.move(seconds=chance.uniform(5, 200))
        cuts = number % 2 == 0
        signal_id = await _reports(database, telegram_id, number)
        if cuts:
            street.truth[telegram_id] = signal_id
            await _note(database, street, telegram_id)
        await _says_all(database)
    async with database.begin() as work:
        if not work.is_sqlite:
            await work.run(text("ANALYZE"))  # as autovacuum does at any moment: it keeps samples of what it sees
        for one in await attachments.waiting(work, count):
            await attachments.keep(
                work, one.attachment_id, attachments.StoredFile("image/jpeg", b"\xff\xd8\xff a photo")
            )
    for telegram_id, signal_id in street.truth.items():
        clock.move(seconds=chance.uniform(5, 200))
        await _cuts(database, telegram_id, signal_id)
        await _note(database, street)
        for name in ("lines_are_to_be_cut", "cuts_are_to_be_told"):
            await tick(database, name)
        await _says_all(database)
    return street


async def _reports(database: Database, telegram_id: int, number: int) -> str:
    photo = (GivenFile("photo", f"photo {number}"),) if number % PHOTOS == 0 else ()
    async with database.begin() as work:
        me = await residents.arrive(work, reach_of(telegram_id), "nl")
        await residents.accept_warning(work, await residents.choose_language(work, me, "nl"))
    async with database.begin() as work:
        me = await _comes(work, telegram_id, number)
        receipt = await reporting.report(work, me.reach, Report(Kind.NUISANCE, f"Verhaal {number}", "nl", given=photo))
        await saying.heard(work, reach_of(telegram_id), 10 * number + 1, receipt.signal_id)
        shown = Screen((Text("signals.receipt.code", {"code": receipt.code}),), ((menu.MENU,),))
        await saying.show(work, reach_of(telegram_id), shown, thread=receipt.signal_id, about=receipt.signal_id)
        await residents.keep_conversation(work, me, {"flows": [{"answers": {"signal": receipt.signal_id}}]})
    return receipt.signal_id


async def _cuts(database: Database, telegram_id: int, signal_id: str) -> None:
    async with database.begin() as work:
        me = await _comes(work, telegram_id, telegram_id % 10**6)
        asked = await cutting.ask(
            work, me.reach, signal_id, cut=DONE, failed=DONE, edit=telegram_id % 1000, thread=ABOUT_ALL
        )
        assert asked
        await residents.keep_conversation(work, me, {"flows": [], "shown": {"lines": ["done"]}})


async def _note(database: Database, street: Street, talking: int = 0) -> None:
    """Remember what is sealed now and names person and signal. talking: whose conversation does so; 0: nobody's."""
    async with database.reading() as work:
        street.sealed |= {row["envelope"]: "outbox" for row in await rows(work, "outbox")}
        street.sealed |= {row["content"]: "line_cuts" for row in await rows(work, "line_cuts")}
        states = {row["person_tag"]: row["state"] for row in await rows(work, "conversations")}
    if talking:
        street.sealed[states[residents.person_tag(database.keys, reach_of(talking))]] = "conversations"


async def _comes(work: Any, telegram_id: int, update_id: int) -> Resident:
    await updates.first_time(work, DOOR, update_id)
    return await residents.arrive(work, reach_of(telegram_id), "nl")


async def _says_all(database: Database) -> None:
    async with database.begin() as work:
        taken = await delivering.take(work, "speaker", 50, FAST)
        await delivering.start_sending(work, "speaker", [row.id for row in taken])
    async with database.begin() as work:
        await delivering.settle(work, [SendResult(row, Fate.SAID, row.id) for row in taken])


# What the disk shows


async def look(database: Database, street: Street, keys: KeyRing, server: PostgresServer | None) -> None:
    """Fill `street.people` and `street.signals` with every order that the disk shows, and `street.named`."""
    if server is not None:
        # The log is recycled after a checkpoint; it is not looked at.
        name = database.url.rpartition("/")[2]
        server.sql("CHECKPOINT", name)
    async with database.reading() as work:
        names = ("people", "signals", "conversations", "record_keys", "signal_messages", "attachments")
        all_rows = {name: await rows(work, name) for name in names}
    of_signal = {row["id"]: row for row in all_rows["signals"] if row["id"] in set(street.truth.values())}
    assert all(row["handle"] is None for row in of_signal.values())
    person_of = {residents.person_tag(keys, reach_of(one)): one for one in street.truth}
    record_of = {row["record_id"]: person_of[row["tag"]] for row in all_rows["people"] if row["tag"] in person_of}
    signal_of = {row["record_id"]: one for one, row in of_signal.items()}
    found = await _orders(database, server)
    raw = disk(database, server)
    conversations = {row["person_tag"]: row["touched_at"] for row in all_rows["conversations"]}
    street.people = {
        "the order of arrival": {one: at for at, one in enumerate(street.truth)},
        "the pseudonym": {one: tag for tag, one in person_of.items()},
        "the last tap": {one: conversations[tag] for tag, one in person_of.items()},
        **_those(found, "people", person_of),
        **_those(found, "conversations", person_of),
        **_those(found, "record_keys", record_of),
        "where the key lies": {
            record_of[row["record_id"]]: raw.find(row["wrapped"])
            for row in all_rows["record_keys"]
            if row["record_id"] in record_of
        },
    }
    street.signals = {
        "the id": {one: one for one in of_signal},
        "the record": {one: row["record_id"] for one, row in of_signal.items()},
        "the code's tag": {one: row["code_tag"] for one, row in of_signal.items()},
        **_those(found, "signals", {one: one for one in of_signal}),
        **_those(found, "signal_messages", {one: one for one in of_signal}),
        **_those(found, "record_keys", signal_of),
        "where the key lies": {
            signal_of[row["record_id"]]: raw.find(row["wrapped"])
            for row in all_rows["record_keys"]
            if row["record_id"] in signal_of
        },
        "where the details lie": {one: raw.find(row["details"][:24]) for one, row in of_signal.items()},
        "where the code's tag lies": {one: raw.find(row["code_tag"]) for one, row in of_signal.items()},
        "where the words lie": {
            row["signal_id"]: raw.find(row["words"][:24])
            for row in all_rows["signal_messages"]
            if row["signal_id"] in of_signal
        },
        "where the photo lies": dict.fromkeys(of_signal, 0)
        | {
            row["signal_id"]: raw.find(row["content"][:24])
            for row in all_rows["attachments"]
            if row["signal_id"] in of_signal
        },
    }
    for orders in (street.people, street.signals):
        orders["all of it together"] = _together_ranked(list(orders.values()))
    street.named = await named(database, street, keys, server)


def _together_ranked(orders: Sequence[Rank]) -> Rank:
    """Rank by the sum of the places that the orders give: first is whom most orders put first."""
    places = [{one: at for at, one in enumerate(_in_order(order))} for order in orders]
    return {one: sum(place[one] for place in places) for one in orders[0]}


def _those(found: Mapping[str, Rank], table: str, who: Mapping[Any, Any]) -> dict[str, Rank]:
    orders = {name: order for name, order in found.items() if name.startswith(f"{table}:")}
    return {name: {who[one]: at for one, at in order.items() if one in who} for name, order in orders.items()}


# Table -> the column that says whose row it is.
_KEYS = {
    "people": "tag", "conversations": "person_tag", "record_keys": "record_id", "signals": "id",
    "signal_messages": "signal_id",
}  # fmt: skip


async def _orders(database: Database, server: PostgresServer | None) -> dict[str, dict[Any, Any]]:
    """An order of a table ("signals: xmin") -> each row's place in it: on disk, in order of writing, in a backup."""
    found: dict[str, dict[Any, Any]] = {}
    async with database.reading() as work:
        for table, column in _KEYS.items():
            if server is None:
                values = [row[column] for row in await rows(work, table)]
                raw = disk(database, server)
                places = {one: raw.rfind(one if isinstance(one, bytes) else one.encode()) for one in values}
                found[f"{table}: its byte in the file"] = places
                found |= await _rowids(work, table, column)
            else:
                query = text(f"SELECT {column} AS it, xmin::text::bigint AS x, ctid::text AS c FROM {table}")
                got = [(row.it, row.x, tuple(map(int, row.c.strip("()").split(",")))) for row in await work.run(query)]
                found[f"{table}: xmin"] = {it: (x, c) for it, x, c in got}
                found[f"{table}: ctid"] = {it: c for it, _, c in got}
        dumped: dict[str, list[Any]] = {table: [] for table in _KEYS}
        for portion in (*copying.portions(TABLES, keys=False).values(), *copying.portions(TABLES, keys=True).values()):
            if portion.table.name in _KEYS and not portion.adds:
                async for row in copying.rows_of(work, portion):
                    value = row[_KEYS[portion.table.name]]
                    dumped[portion.table.name].append(b64decode(value["b"]) if isinstance(value, dict) else value)
    found |= {f"{table}: a backup": {one: at for at, one in enumerate(values)} for table, values in dumped.items()}
    return found


async def _rowids(work: Any, table: str, column: str) -> dict[str, dict[Any, Any]]:
    made = (await work.run(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})).scalar_one()
    if "WITHOUT ROWID" in made:
        return {}
    query = text(f"SELECT {column} AS it, rowid AS at FROM {table}")
    return {f"{table}: rowid": {row.it: row.at for row in await work.run(query)}}


def disk(database: Database, server: PostgresServer | None) -> bytes:
    """The database's files, raw. PostgreSQL's log is recycled; SQLite's is looked at too."""
    if server is None:
        file = Path(database.url.partition(":///")[2])
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    name = database.url.rpartition("/")[2]
    number = server.sql("SELECT oid FROM pg_database WHERE datname = current_database()", name)
    return b"".join(path.read_bytes() for path in sorted((server.data / "base" / number).iterdir()))


async def named(database: Database, street: Street, keys: KeyRing, server: PostgresServer | None) -> list[str]:
    """What on the disk still names person and signal: a pseudonym that the keys make, or content that they open."""
    raw, found = disk(database, server), []
    async with database.reading() as work:
        phone = {(row["chat_tag"], row["thread_tag"]) for row in await rows(work, "phone_messages")}
        unsaid = await rows(work, "outbox")
        states = {row["person_tag"]: row["state"] for row in await rows(work, "conversations")}
        persons = {row["tag"]: row["record_id"] for row in await rows(work, "people")}
        wraps = {row["record_id"]: row["wrapped"] for row in await rows(work, "record_keys")}
    assert unsaid == []
    found += [f"something sealed: {where}" for blob, where in street.sealed.items() if blob[:48] in raw]
    for one, signal_id in street.truth.items():
        tag = residents.person_tag(keys, reach_of(one))
        thread = keys.tag("thread", signal_id)
        key = keys.unwrap(wraps[persons[tag]], persons[tag])
        state = unseal_json(key, states[tag], Place("conversations", persons[tag], "state"))
        signs = {
            "the pseudonym of a reporter": keys.tag("signals", f"telegram:{one}") in raw,
            "the thread of a signal": thread in raw or (chat_tag(keys, reach_of(one)), thread) in phone,
            "what an outbox row was about": about_tag(keys, signal_id) in raw,
            "a conversation": signal_id in str(state),
            # On PostgreSQL a dead row says until the next cut that somebody had a line cut; never which.
            "a request": keys.tag("line-cuts", f"telegram:{one}") in raw and server is None,
        }
        found += [sign for sign, there in signs.items() if there]
    return found


# The matching


def chance_of(met: int, of: int) -> float:
    """The exact chance that a random pairing of `of` gets `met` or more pairs right, by counting permutations."""
    return fsum(comb(of, one) * _without_a_meeting(of - one) / factorial(of) for one in range(met, of + 1))


def _without_a_meeting(of: int) -> int:
    found = 1
    for one in range(1, of + 1):
        found = one * found + (-1) ** one
    return found


def matched(street: Street) -> dict[tuple[str, str, bool], tuple[int, float]]:
    """For each way to pair (people by, signals by, backwards): how many are right, and how likely that is by chance.

    Twice the smaller of two chances: of so many right pairs, and of so high a rank correlation of the orders.
    """
    found = {}
    for by_person, persons in street.people.items():
        for by_signal, of_signals in street.signals.items():
            for backwards in (False, True):
                ordered = _in_order(of_signals)[:: -1 if backwards else 1]
                pairs = list(zip(_in_order(persons), ordered, strict=True))
                met = sum(street.truth[one] == signal for one, signal in pairs)
                together = _together([ordered.index(street.truth[one]) for one, _ in pairs])
                found[by_person, by_signal, backwards] = met, min(1.0, 2 * min(chance_of(met, len(pairs)), together))
    return found


def _in_order(rank: Rank) -> list[Any]:
    return sorted(rank, key=lambda one: rank[one])


def _together(places: Sequence[int]) -> float:
    """The chance that random orders correlate as well as these (Spearman; normal approximation, for 50 or more)."""
    of = len(places)
    rho = 1 - 6 * sum((at - place) ** 2 for at, place in enumerate(places)) / (of * (of**2 - 1))
    return erfc(max(rho, 0.0) * sqrt(of - 1) / sqrt(2)) / 2


def best(street: Street) -> tuple[float, str]:
    """(chance, description) of the best way to pair; the chance is corrected for the number of ways (Bonferroni)."""
    ways = matched(street)
    way, (met, p) = min(ways.items(), key=lambda one: one[1][1])
    return min(1.0, p * len(ways)), f"{way}: {met} of {len(street.truth)} met, {len(ways)} ways tried"
