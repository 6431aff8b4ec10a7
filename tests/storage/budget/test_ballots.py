"""Roll, ballot box and drafts on disk: no place of a row tells when it came, once they are written anew."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.budget import ballots
from storage.engine.database import Database
from storage.upkeep.tables import metadata
from tests.opened import rows

TABLES = {"roll": "code_tag", "ballots": "ballot_tag", "drafts": "draft_tag"}


async def filled(database: Database) -> None:
    """Rows of two rounds, each in a transaction of its own, in no order of their tags."""
    for number in (7, 3, 9, 1, 8, 2):
        tag, round_id = bytes([number]) * 32, "mine" if number % 2 else "other"
        async with database.begin() as work:
            await ballots.add_codes(
                work,
                [{"code_tag": tag, "round_id": round_id, "code_class": "resident", "channel": None, "blocked": False}],
            )
            await ballots.put_ballot(work, {"ballot_tag": tag, "round_id": round_id, "content": b"sealed"})
            await ballots.put_draft(
                work, {"draft_tag": tag, "id": str(number) * 26, "round_id": round_id, "content": b"sealed"}
            )


async def test_the_box_of_one_round_is_emptied_and_all_is_written_anew(database: Database) -> None:
    await filled(database)
    async with database.begin() as work:
        before = {name: await rows(work, name) for name in TABLES}
        await ballots.hold_box(work, alone=True)
        await ballots.empty_box(work, "mine")
        after = {name: await rows(work, name) for name in TABLES}
    assert sorted(map(repr, after["roll"])) == sorted(map(repr, before["roll"]))
    for name in ("ballots", "drafts"):
        assert {row["round_id"] for row in after[name]} == {"other"}
        assert all(row in before[name] for row in after[name])


async def test_sqlite_keeps_no_number_of_a_row_and_postgresql_one_transaction_and_the_order_of_tags(
    database: Database,
) -> None:
    await filled(database)
    async with database.begin() as work:
        await ballots.empty_box(work, "mine")
    for name, tag in TABLES.items():
        async with database.reading() as work:
            if database.is_sqlite:
                with pytest.raises(OperationalError, match="no such column: rowid"):
                    await work.run(text(f"SELECT rowid FROM {name}"))
            else:
                found = (await work.run(text(f"SELECT {tag} AS tag, xmin::text AS x, ctid FROM {name}"))).all()
                assert len({row.x for row in found}) == 1
                in_place = sorted(found, key=lambda row: tuple(map(int, str(row.ctid).strip("()").split(","))))
                assert [row.tag for row in in_place] == sorted(row.tag for row in found)


def test_no_table_of_a_vote_has_a_moment_a_counter_or_a_person() -> None:
    columns = {name: set(metadata.tables[name].columns.keys()) for name in TABLES}
    assert columns == {
        "roll": {"code_tag", "round_id", "code_class", "channel", "blocked"},
        "ballots": {"ballot_tag", "round_id", "content"},
        "drafts": {"draft_tag", "id", "round_id", "content", "reminded"},
    }
