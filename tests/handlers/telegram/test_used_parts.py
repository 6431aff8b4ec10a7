"""What aiogram gets of an update, and what becomes of one that Telegram has changed since we were written."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.telegram.used_parts import UnknownForm, used_parts
from tests.handlers.chat.phones import Bench, Phone
from tests.parts import shared_data

ME = 700_000_001
PERSON = {"id": ME, "is_bot": False, "first_name": "A", "language_code": "nl"}
CHAT = {"id": ME, "type": "private", "first_name": "A"}
TEXT = {"message_id": 7, "date": 1795000000, "chat": CHAT, "from": PERSON, "text": "hij heeft een mes"}
PRESS = {"id": "q", "from": PERSON, "chat_instance": "1", "data": "g:menu:", "message": TEXT}
BOT = {"id": 424242, "is_bot": True, "first_name": "B"}
GROUP = {"id": -100123, "type": "group", "title": "G"}
# What no version of the description has: another kind of value, an object of a new form, a part of a new name.
STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, float("inf"), "", "x" * 5000, "\ud800", [], [[]], [None], [{}], {},
    {"type": "newer"}, {"file_id": 5}, {"id": "x"}, [{"type": "text_link", "offset": -5, "length": 10**9, "url": "https://a.example"}],
    [{"type": "text_link", "offset": 0, "length": 1}], {"a": {"b": [{"c": None}]}},
)  # fmt: skip


class Description:
    """The published Bot API, from which values of its types are made."""

    def __init__(self, types: dict[str, Any], chance: random.Random) -> None:
        self.types, self.chance = types, chance

    def value(self, kind: str, depth: int = 0) -> Any:
        """One value of a type, its optional parts now and then, fewer the deeper."""
        if kind.startswith("Array of "):
            return [self.value(kind[9:], depth + 1)]
        plain: dict[str, Any] = {
            "Integer": self.chance.randint(1, 10**6), "Float": 52.3, "String": "woord", "Boolean": True, "True": True,
        }  # fmt: skip
        if kind in plain:
            return plain[kind]
        described = self.types[kind]
        if described.get("subtypes"):
            return self.value(self.chance.choice(described["subtypes"]), depth)
        fields = described.get("fields", ())
        given = [one for one in fields if one["required"] or (depth < 3 and self.chance.random() < 0.3 / (depth + 1))]
        return {one["name"]: self.value(self.chance.choice(one["types"]), depth + 1) for one in given}

    def updates(self) -> Iterator[dict[str, Any]]:
        """Without end: an update of each type in turn, one optional part of it removed, added, or of an unknown kind.

        Where a resident sends it, it has their number: they must be answered.
        """
        optional = [one for one in self.types["Update"]["fields"] if not one["required"]]
        while True:
            for one in optional:
                event = self.value(one["types"][0])
                for place in (event, event.get("message", {})):
                    if isinstance(place, dict) and "chat" in place:
                        place["chat"] = dict(self.chance.choice((CHAT, GROUP)))
                if "from" in event:
                    event["from"] = dict(PERSON)
                self._spoil(one["types"][0], event, 0)
                yield {one["name"]: event}

    def _spoil(self, kind: str, event: dict[str, Any], depth: int) -> None:
        fields = {one["name"]: one for one in self.types[kind].get("fields", ())}
        optional = [name for name, one in fields.items() if not one["required"]]
        inner = [name for name in event if name in fields and name != "chat" and isinstance(event[name], dict)]
        if inner and depth < 3 and self.chance.random() < 0.4:
            name = self.chance.choice(inner)
            if (of := fields[name]["types"][0]) in self.types:
                self._spoil(of, event[name], depth + 1)
                return
        if not optional or self.chance.random() < 0.2:
            event["brand_new_part"] = self.chance.choice(STRANGE)
            return
        name = self.chance.choice(optional)
        match self.chance.randrange(3):
            case 0:
                event.pop(name, None)
            case 1:
                event[name] = self.value(self.chance.choice(fields[name]["types"]), 2)
            case _:
                event[name] = self.chance.choice(STRANGE)


async def _take_generated(bench: Bench, count: int) -> None:
    api = json.loads((shared_data("botapi") / "api.min.json").read_text())
    made = Description(api["types"], random.Random(count)).updates()
    bench.phone(1)
    bench.silent = True
    for _ in range(count):
        update = next(made)
        try:
            await bench.take(update)
        except Exception as error:
            raise AssertionError(f"not handled: {json.dumps(update)[:2000]}") from error


async def test_every_type_of_update_with_parts_removed_added_and_unknown_is_handled(bench: Bench) -> None:
    await _take_generated(bench, 1000)


@pytest.mark.proof
async def test_twenty_thousand_updates_with_parts_removed_added_and_unknown_are_handled(bench: Bench) -> None:
    await _take_generated(bench, 10_000)


@pytest.mark.parametrize("strange", STRANGE, ids=lambda one: repr(one)[:30])
@pytest.mark.parametrize(
    "part",
    ["reply_to_message", "external_reply", "forward_origin", "entities", "quote", "from", "via_bot", "photo", "video",
     "brand_new_part", "media_group_id", "link_preview_options", "date"],
)  # fmt: skip
def test_a_text_stays_a_text_whatever_stands_beside_it(part: str, strange: object) -> None:
    found = used_parts({"update_id": 1, "message": {**TEXT, part: strange}, "brand_new_type": strange})
    assert found is not None
    assert (found["message"]["text"], found["message"]["from"]["id"]) == (TEXT["text"], ME)


async def test_danger_is_heard_beside_what_we_do_not_know(phone: Phone) -> None:
    await phone.arrives()
    newer = {"message_id": 5, "date": 1, "chat": CHAT, "paid_media": {"paid_media": [{"type": "hologram"}]}}
    for beside in ({"reply_to_message": newer}, {"forward_origin": {"type": "newer"}}, {"external_reply": {"x": 1}}):
        await phone.sends(text="hij heeft een mes", **beside)
        assert "112" in phone.last.text


@pytest.mark.parametrize(
    "broken",
    [
        {"message": None},
        {"message": {}},
        {"message": {**TEXT, "chat": {"id": "x"}}},
        {"message": {**TEXT, "message_id": None}},
        {"callback_query": {"id": "q"}},
        {"callback_query": {**PRESS, "id": 5}},
        {"my_chat_member": {"from": PERSON}},
    ],
)
def test_without_a_required_part_it_is_told_apart_and_nothing_of_it_is_repeated(broken: dict[str, Any]) -> None:
    with pytest.raises(UnknownForm) as raised:
        used_parts({"update_id": 1, **broken})
    assert str(raised.value) in ("message", "message_id", "chat", "callback_query")


@pytest.mark.parametrize("update", [{}, {"poll": {}}, {"brand_new_type": {"text": "x"}}, {"channel_post": TEXT}])
def test_an_update_of_another_type_is_acknowledged_quietly(update: dict[str, Any]) -> None:
    assert used_parts({"update_id": 1, **update}) is None


# Leaving groups


MEMBERS: tuple[Any, ...] = (
    {"status": "administrator", "user": BOT}, {"status": "member", "user": BOT}, {"status": "creator"},
    {"status": "restricted", "user": BOT}, {"status": "restricted", "is_member": True}, {"status": "newer"},
    {}, None, "x",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel", "newer", None, 5])
@pytest.mark.parametrize("member", MEMBERS, ids=repr)
async def test_a_group_is_left_whatever_the_membership_looks_like(bench: Bench, kind: object, member: object) -> None:
    bench.silent = True
    changed = {"chat": {"id": -77, "type": kind}, "from": PERSON, "date": 1, "new_chat_member": member}
    assert (await bench.take({"my_chat_member": changed})).leave


@pytest.mark.parametrize(
    "member", [{"status": "left"}, {"status": "kicked"}, {"status": "restricted", "is_member": False}]
)
async def test_a_group_that_put_us_out_is_not_left_again(bench: Bench, member: dict[str, Any]) -> None:
    bench.silent = True
    changed = {"chat": GROUP, "from": PERSON, "date": 1, "new_chat_member": member}
    assert not (await bench.take({"my_chat_member": changed})).leave


@pytest.mark.parametrize("content", [{"text": "hallo"}, {"brand_new_part": 5}, {"pinned_message": TEXT}, {}])
async def test_a_message_of_a_group_is_enough_to_leave_it(bench: Bench, content: dict[str, Any]) -> None:
    bench.silent = True
    told = {"message_id": 1, "date": 1, "chat": GROUP, **content}
    assert (await bench.take({"message": told})).leave


# Telegram's own messages


@pytest.mark.parametrize(
    "own",
    [
        {"pinned_message": TEXT},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"chat_background_set": {"type": {"type": "wallpaper", "document": {"file_id": "d"}}}},
        {"new_chat_photo": [{"file_id": "p"}]},
        {"gift": {"gift": {"sticker": {"file_id": "s"}}}},
        {"brand_new_service": {"how": "new"}},
        {"brand_new_service": True, "reply_to_message": TEXT},
        {"write_access_allowed": {}},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_telegrams_own_messages_are_met_with_silence(phone: Phone, own: dict[str, Any]) -> None:
    await phone.arrives()
    for _ in range(2):
        before = phone.answers
        await phone.sends(**own)
        assert phone.answers == before
        await phone.says("/melden")


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hallo", "pinned_message": TEXT},
        {"text": {"of": "another form"}},
        {"sticker": "of another form"},
        {"dice": {"emoji": "🎲", "value": 1}},
        {"hologram": {"file_id": "h"}},
        {"caption": "onder iets nieuws", "hologram": {"parts": 3}},
        {"rich_message": {"blocks": []}},
    ],
    ids=str,
)
async def test_what_a_person_sends_is_always_answered(phone: Phone, content: dict[str, Any]) -> None:
    await phone.arrives()
    before = phone.answers
    await phone.sends(**content)
    assert phone.answers > before


# Albums


VIDEO = {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 3}
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
DOCUMENT = {"file_id": "d", "file_unique_id": "d", "file_name": "a.pdf", "mime_type": "application/pdf"}


@pytest.mark.parametrize(
    "parts",
    [
        [{"video": VIDEO}] * 4,
        [{"document": DOCUMENT}] * 3,
        [{"video": VIDEO}, {"document": DOCUMENT}, {"video": VIDEO}],
        [{"hologram": {"file_id": "h"}}] * 3,
    ],
    ids=["videos", "files", "mixed", "of a new kind"],
)
@pytest.mark.parametrize("asked", [True, False])
async def test_an_album_that_is_not_taken_is_told_once(phone: Phone, parts: list[dict[str, Any]], asked: bool) -> None:
    await phone.arrives()
    if asked:
        await phone.says("/melden")
    for album in ("1", "2"):
        before = len(phone.messages)
        for part in parts:
            await phone.sends(**part, media_group_id=album)
        assert len(phone.messages) == before + 1


async def test_photos_and_videos_that_nobody_asked_for_are_told_once(phone: Phone) -> None:
    await phone.arrives()
    before = len(phone.messages)
    for part in ({"photo": PHOTO}, {"video": VIDEO}, {"photo": PHOTO}, {"video": VIDEO}):
        await phone.sends(**part, media_group_id="1")
    assert len(phone.messages) == before + 1
    await phone.sends(photo=PHOTO, caption="hij heeft een mes", media_group_id="1")
    assert "112" in phone.last.text


async def test_the_videos_between_the_photos_of_an_album_are_refused_once(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    before = len(phone.messages)
    for part in ({"photo": PHOTO}, {"video": VIDEO}, {"photo": PHOTO}, {"video": VIDEO}, {"video": VIDEO}):
        await phone.sends(**part, media_group_id="1")
    told = [message.text for message in phone.messages[before:]]
    assert len([one for one in told if "2 foto" in one]) == 1
    assert len(told) == 3
