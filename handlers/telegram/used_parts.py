"""Keeps the parts of an update that we use, and no others: a change of Telegram elsewhere can't break an update.

A used part of an unknown form is treated as absent where it is optional. See docs/decisions/0024.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

# Values for parts that aiogram requires and we don't use. A message that is too old comes with the date 0, which makes
# it another type for aiogram; with this date all are alike.
_DATE = 1
_NOBODY = {"is_bot": False, "first_name": ""}
_FILE = {"file_unique_id": ""}
_NUMBERS = 2**63  # what the databases hold
_LONGEST = 8192  # characters; Telegram's own limit is 4096

# Parts that a person sends and of which we only say the name ("video"): aiogram gets the least that it accepts.
_NAMED: Mapping[str, dict[str, Any]] = {
    "contact": {"phone_number": "", "first_name": ""},
    "video": {**_FILE, "file_id": "", "width": 0, "height": 0, "duration": 0},
    "video_note": {**_FILE, "file_id": "", "length": 0, "duration": 0},
    "audio": {**_FILE, "file_id": "", "duration": 0},
}
# Everything that a person can send. A message without any of it is Telegram's own (a pin, a timer, a background).
_SENT = frozenset({
    "text", "caption", "rich_message", "animation", "audio", "document", "live_photo", "paid_media", "photo", "sticker",
    "story", "video", "video_note", "voice", "checklist", "contact", "dice", "game", "poll", "venue", "location",
})  # fmt: skip
# Telegram's own messages that hold a file all the same.
_OWN_FILES = frozenset({"new_chat_photo", "pinned_message"})
# Telegram's own messages that tell a group that we were added: that comes as `my_chat_member` too.
_ADDED = ("new_chat_members", "group_chat_created")
_OUT = frozenset({"left", "kicked"})

_Part = Callable[[Any], Any]


class UnknownForm(ValueError):
    """A part that is needed to handle an update is missing or has an unknown form. Holds no text of the update."""


def used_parts(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """The update as aiogram gets it; None where there is nothing to answer. Raises UnknownForm."""
    found = next(((kind, take) for kind, take in _UPDATES.items() if kind in raw), None)
    if found is None:
        return None  # of a type that we don't use, or that is newer than we are
    kind, take = found
    if not isinstance(raw[kind], dict):
        raise UnknownForm(kind)
    event = take(raw[kind])
    return None if event is None else {"update_id": raw["update_id"], kind: event}


def _message(given: dict[str, Any]) -> dict[str, Any] | None:
    message = _place(given)
    if message["chat"]["type"] != "private":
        return None if any(name in given for name in _ADDED) else message
    if not _is_from_a_person(given):
        return None
    parts = _read(given, {**_MESSAGE, "from": _person})
    named = {name: least for name, least in _NAMED.items() if name in given}
    return {"from": _person_of(message["chat"]), **message, **parts, **named}


def _press(given: dict[str, Any]) -> dict[str, Any]:
    query: dict[str, Any] = {"chat_instance": "", **_read(given, {"id": _text, "data": _text, "from": _person})}
    if isinstance(message := given.get("message"), dict):
        with suppress(UnknownForm):
            query["message"] = _place(message)
            if query["message"]["chat"]["type"] == "private":
                query.setdefault("from", _person_of(query["message"]["chat"]))
    if "id" not in query or "from" not in query:
        raise UnknownForm("callback_query")
    return query


def _membership(given: dict[str, Any]) -> dict[str, Any]:
    """Only whether the bot is in a chat counts: not in which role, nor what it may do there."""
    chat = _chat(given.get("chat"))
    person = _person(given.get("from")) or _person_of(chat)
    member = given.get("new_chat_member")
    status, still_in = (member.get("status"), member.get("is_member")) if isinstance(member, dict) else (None, None)
    now: dict[str, Any] = {"status": "member", "user": person}
    if status == "kicked":
        now = {"status": "kicked", "user": person, "until_date": 0}
    elif status == "left" or (status == "restricted" and still_in is False):
        now = {"status": "left", "user": person}
    before = {"status": "left", "user": person}
    return {"chat": chat, "from": person, "date": _DATE, "old_chat_member": before, "new_chat_member": now}


def _place(given: dict[str, Any]) -> dict[str, Any]:
    """The chat and number of a message; nothing can be answered without them. Raises UnknownForm."""
    number = _number(given.get("message_id"))
    if number is None:
        raise UnknownForm("message_id")
    return {"message_id": number, "date": _DATE, "chat": _chat(given.get("chat"))}


def _chat(given: Any) -> dict[str, Any]:
    number = _number(given.get("id")) if isinstance(given, dict) else None
    if number is None:
        raise UnknownForm("chat")
    kind = given.get("type")
    return {"id": number, "type": kind if isinstance(kind, str) else "private" if number > 0 else "group"}


def _person(given: Any) -> dict[str, Any] | None:
    found = _read(given, {"id": _number, "language_code": _text}) if isinstance(given, dict) else {}
    return {**_NOBODY, **found} if "id" in found else None


def _person_of(chat: dict[str, Any]) -> dict[str, Any]:
    """The person at the other end of a private chat: the chat has the person's number."""
    return {**_NOBODY, "id": chat["id"]}


def _is_from_a_person(given: dict[str, Any]) -> bool:
    """Whether a person sent the message. An unknown kind of file counts; any other unknown part is Telegram's own."""
    return any(name in _SENT or (name not in _OWN_FILES and _is_file(part)) for name, part in given.items())


def _is_file(part: Any) -> bool:
    one = part[0] if isinstance(part, list) and part else part
    return isinstance(one, dict) and "file_id" in one


# The forms of parts. Each gives the part as it can be used, or None when it has an unknown form.


def _read(given: Mapping[str, Any], parts: Mapping[str, _Part]) -> dict[str, Any]:
    found = ((name, take(given[name])) for name, take in parts.items() if name in given)
    return {name: value for name, value in found if value is not None}


def _text(given: Any) -> str | None:
    return given[:_LONGEST] if isinstance(given, str) else None


def _number(given: Any) -> int | None:
    return given if type(given) is int and -_NUMBERS <= given < _NUMBERS else None


def _degrees(most: float) -> _Part:
    def degrees(given: Any) -> float | None:
        return given if type(given) in (int, float) and math.isfinite(given) and abs(given) <= most else None

    return degrees


def _whole(required: Mapping[str, _Part], optional: Mapping[str, _Part], more: Mapping[str, Any]) -> _Part:
    """An object that is of no use without its required parts. more: other parts that aiogram requires."""

    def whole(given: Any) -> dict[str, Any] | None:
        if not isinstance(given, dict):
            return None
        found = _read(given, {**required, **optional})
        return {**more, **found} if required.keys() <= found.keys() else None

    return whole


def _several(part: _Part) -> _Part:
    def several(given: Any) -> list[Any] | None:
        found = [one for one in map(part, given) if one is not None] if isinstance(given, list) else []
        return found or None

    return several


def _link(given: Any) -> dict[str, Any] | None:
    if not isinstance(given, dict) or given.get("type") != "text_link":
        return None
    found = _read(given, {"offset": _number, "length": _number, "url": _text})
    return {"type": "text_link", **found} if len(found) == 3 else None


_SIZE = _whole({"file_id": _text, "width": _number, "height": _number}, {"file_size": _number}, _FILE)
_VOICE = _whole({"file_id": _text, "duration": _number}, {"file_size": _number, "mime_type": _text}, _FILE)
_DOCUMENT = _whole({"file_id": _text}, {"file_size": _number, "mime_type": _text, "file_name": _text}, _FILE)
_LOCATION = _whole({"latitude": _degrees(90), "longitude": _degrees(180)}, {}, {})
_MESSAGE: Mapping[str, _Part] = {
    "text": _text, "entities": _several(_link), "caption": _text, "caption_entities": _several(_link),
    "media_group_id": _text, "photo": _several(_SIZE), "document": _DOCUMENT, "voice": _VOICE, "location": _LOCATION,
}  # fmt: skip
_UPDATES: Mapping[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    "message": _message,
    "edited_message": _message,
    "callback_query": _press,
    "my_chat_member": _membership,
}
