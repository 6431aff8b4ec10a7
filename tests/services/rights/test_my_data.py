"""A resident's right to see everything: each column of each table is shown, or somebody decided why it is not."""

import json
from typing import Any

import pytest

from handlers.telegram.reaches import reach_of
from services.rights import erasing
from services.signals import reporting
from storage.engine.database import Database
from storage.upkeep.tables import metadata
from tests.lives import Life, Marks, here, live

# Every column of every table. A path says where the column stands in what a resident is shown; a text in brackets says
# why it is not shown. A new column that nobody decided on fails the test below.
INNER = "(an inner id that says nothing about the resident)"
TAG = "(a pseudonym: worked out from what is shown)"
KEY = "(a key: what it opens is shown)"
STAFF = "(about the staff)"
TECHNICAL = "(about the sending, not about the resident)"
INVITED = "news/invitations/0/"
NOBODY = "(holds nothing about residents)"
SIGNAL, TURN, FILE, MOVE = "signals/0/", "signals/0/dialogue/0/", "signals/0/dialogue/0/files/0/", "signals/0/moves/0/"
MEETING, TOLD = "meetings/0/", "meetings/0/messages/0/"

DECIDED: dict[str, str | dict[str, str]] = {
    "people": {
        "tag": TAG, "record_id": INNER, "contact": "reach", "language": "language",
        "language_chosen": "language_chosen", "warned": "warned", "reachable": "reachable", "since": "since",
        "news": "news/wanted/neighbourhood",
    },
    "conversations": {"person_tag": TAG, "state": "unfinished_conversation", "touched_at": "(7 days at most)"},
    "signals": {
        "id": INNER, "record_id": INNER, "code_tag": TAG, "reporter_tag": TAG, "handle_record_id": INNER,
        "version": "(counts changes, so that two of the staff do not overwrite each other)",
        "kind": SIGNAL + "kind", "status": SIGNAL + "status", "language": SIGNAL + "language",
        "neighbourhood": SIGNAL + "neighbourhood", "role": SIGNAL + "role", "about": SIGNAL + "about",
        "wants_help": SIGNAL + "wants_help", "danger": SIGNAL + "words_point_to_danger",
        "received_on": SIGNAL + "received_on", "moved_on": SIGNAL + "moved_on",
        "ended_on": SIGNAL + "ended_on", "details": SIGNAL + "details/place", "code": SIGNAL + "code",
        "codes": SIGNAL + "official_codes/grounds/0", "handle": SIGNAL + "can_be_answered",
        "news": SIGNAL + "news_for_you", "unread": SIGNAL + "news_for_the_team",
        "reads": SIGNAL + "opened_by_the_team", "last_read_on": SIGNAL + "last_opened_on",
    },
    "signal_messages": {
        "id": INNER, "signal_id": INNER, "turn": "(the order in which they are shown)", "author_tag": STAFF,
        "from_staff": TURN + "from", "words": TURN + "words", "language": TURN + "language", "day": TURN + "day",
    },
    "attachments": {
        "id": INNER, "signal_id": INNER, "message_id": INNER, "attempts": TECHNICAL,
        "content": "(the file itself, as large as it is, is in the chat and shown with the signal)",
        "kind": FILE + "kind", "seconds": FILE + "seconds", "state": FILE + "state", "media_type": FILE + "media_type",
    },
    "signal_moves": {
        "id": INNER, "signal_id": INNER, "turn": "(the order in which they are shown)", "author_tag": STAFF,
        "begin": MOVE + "from", "end": MOVE + "to", "mover": MOVE + "by", "day": MOVE + "day",
    },
    "broadcasts": "(what staff wrote for everybody, and who of them sent it)",
    "broadcast_recipients": {
        "id": INNER, "broadcast_id": INNER, "recipient_tag": TAG, "wrapped": KEY, "language": INVITED + "language",
        "state": INVITED + "state", "handle": INVITED + "can_still_be_sent",
    },
    "reader_census": "(how many want news, sealed; nobody stands in it)",
    "openers": {"signal_id": INNER, "opener_tag": TAG, "day": "signals_opened_by_code_on/0"},
    "meetings": NOBODY,
    "rsvps": {
        "id": INNER, "meeting_id": INNER, "record_id": INNER, "guest_tag": TAG, "people": MEETING + "people",
        "state": MEETING + "state", "turn": MEETING + "turn", "handle": MEETING + "can_be_told",
    },
    "reminders": {
        "id": INNER, "meeting_id": INNER, "rsvp_id": INNER, "rule": TOLD + "why", "due_at": TOLD + "at",
        "state": TOLD + "state",
    },
    "drafts": {
        "draft_tag": TAG, "id": INNER, "round_id": "unfinished_ballot/round/nl",
        "content": "unfinished_ballot/plans/0", "reminded": "unfinished_ballot/reminded",
    },
    "roll": "(codes, under a tag: whose they are is not known here)",
    "ballots": "(what was cast can't be tied to a person)",
    "counted_ballots": "(what was cast can't be tied to a person)",
    "round_keys": NOBODY, "rounds": NOBODY, "plans": NOBODY, "plan_photos": NOBODY, "code_batches": NOBODY,
    "commitments": NOBODY, "published_results": NOBODY,
    "rates": {"tag": TAG, "hour": "counts_per_hour/report", "times": "counts_per_hour/guess"},
    "outbox": {
        "id": INNER, "chat_tag": TAG, "about_tag": TAG, "wrapped": KEY, "envelope": "messages/waiting/0/lines",
        "state": "messages/not_said", "lane": TECHNICAL, "owner": TECHNICAL, "lease_until": TECHNICAL,
        "not_before": TECHNICAL, "attempts": TECHNICAL, "error": TECHNICAL, "ended_on": TECHNICAL, "receipt": TECHNICAL,
    },
    "paces": {"chat_tag": TAG, "used_until": "messages/pace_used_until"},
    "phone_messages": {
        "chat_tag": TAG, "thread_tag": TAG, "message_id": "messages/on_your_phone/0", "day": "(three days at most)",
    },
    "line_cuts": {
        "id": INNER, "asker_tag": TAG, "signal_id": "lines_being_cut", "content": "(what will be told)", "wrapped": KEY,
    },
    "dead_letters": {
        "id": INNER, "chat_tag": TAG, "wrapped": KEY, "content": "updates_not_handled/0/message/text",
        "error": TECHNICAL, "at": "(7 days at most)",
    },
    "record_keys": {"record_id": INNER, "wrapped": KEY},
    "access_log": "(what staff did, under a tag: the readings are shown as a count and a day)",
    "deployment": NOBODY, "team_keys": NOBODY, "processes": NOBODY,
    "access_head": NOBODY, "erasures": NOBODY, "halts": NOBODY, "done_updates": NOBODY,
    "neighbourhood_shapes": NOBODY,
    "staff": STAFF, "sign_in_links": STAFF, "staff_sessions": STAFF, "staff_tokens": STAFF,
    "repeated_requests": STAFF,
}  # fmt: skip
SHOWN = [
    (table, column, path)
    for table, columns in DECIDED.items()
    if isinstance(columns, dict)
    for column, path in columns.items()
    if not path.startswith("(")
]


def at(shown: Any, path: str) -> Any:
    """The value at a path such as "signals/0/kind"."""
    for part in path.split("/"):
        shown = shown[int(part)] if part.isdecimal() else shown[part]
    return shown


async def my_data(database: Database, life: Life) -> dict[str, Any]:
    """The data of the life's resident, as they stand in the JSON file that the resident gets."""
    async with database.begin() as work:
        return dict(json.loads(json.dumps(await erasing.my_data(work, await here(work, life.marks.telegram_id)))))


def test_somebody_decided_on_every_table_and_column() -> None:
    assert set(DECIDED) == set(metadata.tables), "decide in DECIDED, and let tests/lives.py live it"
    for name, columns in DECIDED.items():
        if isinstance(columns, dict):
            assert set(columns) == set(metadata.tables[name].columns.keys()), name


async def test_everything_that_was_decided_on_is_shown(database: Database) -> None:
    life = await live(database)
    shown = await my_data(database, life)
    for table, column, path in SHOWN:
        assert at(shown, path) is not None or column == "ended_on", f"{table}.{column}"


async def test_a_resident_sees_their_own_words_and_those_of_the_team(database: Database) -> None:
    life = await live(database)
    shown = await my_data(database, life)
    file = json.dumps(shown, ensure_ascii=False)
    for mark in (life.marks.story, life.marks.name, life.marks.place, life.marks.reply, life.marks.draft, life.code):
        assert mark in file
    assert shown["reach"] == reach_of(life.marks.telegram_id).plain
    signal = shown["signals"][0]
    assert [turn["from"] for turn in signal["dialogue"]] == ["you", "team"]
    assert signal["opened_by_the_team"] == 2
    assert sorted(one["state"] for one in signal["dialogue"][0]["files"]) == ["kept", "waiting"]
    assert shown["messages"]["not_said"] == 1


async def test_nobody_sees_what_is_others(database: Database) -> None:
    await live(database)
    other = await live(database, Marks(telegram_id=99, story="another story", name="Another Name", reply="Other"))
    file = json.dumps(await my_data(database, other), ensure_ascii=False)
    mine = Marks()
    assert not [mark for mark in (mine.story, mine.name, mine.reply, str(mine.telegram_id)) if mark in file]


async def test_looking_changes_nothing(database: Database) -> None:
    life = await live(database)
    assert await my_data(database, life) == await my_data(database, life)


async def test_a_signal_whose_line_was_cut_is_no_longer_shown(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        assert await reporting.cut_line(work, (await here(work, life.marks.telegram_id)).reach, life.signal_id)
    shown = await my_data(database, life)
    assert shown["signals"] == shown["signals_opened_by_code_on"] == []
    assert shown["messages"]["waiting"] == []


@pytest.mark.parametrize("telegram_id", [1])
async def test_somebody_new_sees_that_nearly_nothing_is_kept(database: Database, telegram_id: int) -> None:
    async with database.begin() as work:
        shown = await erasing.my_data(work, await here(work, telegram_id))
    assert shown["signals"] == shown["updates_not_handled"] == []
    assert shown["unfinished_conversation"] is None
