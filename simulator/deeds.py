"""What residents do with their phones, one function for each kind of action; the bot gets an update for it."""

import random
import re
from collections.abc import Callable
from typing import Any

from simulator import samples
from simulator.act import Act, Done, decoded
from simulator.errors import Misused
from simulator.people import Json
from simulator.updates import PRESS_SECONDS
from simulator.world import Press

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
TEXT_LIMIT = 4096
PRESSES_KEPT = 200_000


def _text(act: Act) -> Done:
    if "edited_message_id" in act.wish:
        return _edited_text(act)
    text: str = act.need("text", str)
    done: Done = {}
    for start in range(0, max(len(text), 1), TEXT_LIMIT):  # the app cuts a long text into several messages
        done = act.message(act.text_content(text[start : start + TEXT_LIMIT]))
    return done


def _edited_text(act: Act) -> Done:
    message = act.own_chat_message(act.wish["edited_message_id"])
    if message.from_bot or "text" not in message.content:
        raise Misused("only an own text can be edited")
    message.content = act.text_content(act.need("text", str))
    message.edit_date = int(act.world.clock.now())
    act.chat.changed()
    body = message.as_json(act.chat.owner.as_chat())
    update_id = act.bot.updates.add("edited_message", body, ("chat", act.chat.id), act.chat.id)
    return {"update_id": update_id, "message_id": message.message_id}


def _start(act: Act) -> Done:
    payload = str(act.wish.get("payload") or "")
    if not PAYLOAD.fullmatch(payload):
        raise Misused("a payload is 0-64 of A-Z a-z 0-9 _ -")
    if act.chat.blocked:
        _unblock(act)
    return act.message(act.text_content(f"/start {payload}"))


def _press(act: Act) -> Done:
    data: str = act.need("data", str)
    message = act.chat.find(act.need("message_id", int))
    if not act.wish.get("force"):
        rows = (message.markup or {}).get("inline_keyboard", []) if message else []
        if not any(button.get("callback_data") == data for row in rows for button in row):
            raise Misused(f"no button {data!r} on message {act.wish['message_id']}")
    now, presses = act.world.clock.now(), act.bot.presses
    while presses and (len(presses) > PRESSES_KEPT or next(iter(presses.values())).expires_at < now):
        presses.popitem(last=False)
    query_id = str(random.getrandbits(63))
    presses[query_id] = Press(act.chat.id, now + PRESS_SECONDS)
    chat = act.chat.owner.as_chat()
    shown = message.as_json(chat) if message else {"message_id": act.wish["message_id"], "chat": chat, "date": 0}
    query = {
        "id": query_id,
        "from": act.resident.as_user(),
        "message": shown,
        "chat_instance": str(act.chat.id * 7919),
        "data": data,
    }
    queue = ("press", act.resident.id)
    return {"update_id": act.bot.updates.add("callback_query", query, queue, act.chat.id, PRESS_SECONDS)}


def _voice(act: Act) -> Done:
    seconds: int = act.need("seconds", int)
    if not 0 <= seconds <= 3600:
        raise Misused("seconds is 0-3600")
    data = act.data(b"") or samples.silence(min(seconds, 60))
    return act.message({"voice": samples.voice(act.world.files, data, seconds)})


def _photo_sizes(act: Act, data: bytes) -> list[Json]:
    # Bytes that are no picture are passed on all the same: a hostile client could send them.
    return samples.photo_sizes(act.world.files, data, samples.picture_size(data) or (640, 480))


def _photo(act: Act) -> Done:
    caption = act.wish.get("caption")
    return act.message(
        {"photo": _photo_sizes(act, act.data(samples.PHOTO)), **({"caption": caption} if caption else {})}
    )


def _album(act: Act) -> Done:
    photos: list[Any] = act.need("photos", list)
    if not 2 <= len(photos) <= 10:
        raise Misused("an album has 2-10 photos")
    group = str(random.getrandbits(60))
    done: Done = {}
    for photo in photos:
        sizes = _photo_sizes(act, decoded(photo) if photo else samples.PHOTO)
        done = act.message({"media_group_id": group, "photo": sizes})
    return done


def _location(act: Act) -> Done:
    number = (int, float)
    return act.message(
        {"location": {"latitude": act.need("latitude", number), "longitude": act.need("longitude", number)}}
    )


def _contact(act: Act) -> Done:
    me = act.resident
    return act.message(
        {"contact": {"phone_number": act.need("phone", str), "first_name": me.first_name, "user_id": me.id}}
    )


def _document(act: Act) -> Done:
    name: str = act.need("name", str)
    return act.message({"document": samples.document(act.world.files, act.data(b"text"), name)})


def _sticker(act: Act) -> Done:
    stored = act.world.files.add(b"RIFF....WEBP", "stickers", "webp", "image/webp")
    return act.message(
        {
            "sticker": {
                "file_id": stored.file_id,
                "file_unique_id": stored.unique_id,
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
                "emoji": "👍",
                "file_size": len(stored.data),
            }
        }
    )


def _forwarded(act: Act) -> Done:
    date = int(act.world.clock.now()) - 3600
    origin = {"type": "hidden_user", "date": date, "sender_user_name": "Somebody Else"}
    return act.message({"forward_origin": origin, **act.text_content(act.need("text", str))})


def _block(act: Act) -> Done:
    return _membership(act, blocked=True)


def _unblock(act: Act) -> Done:
    return _membership(act, blocked=False)


def _membership(act: Act, *, blocked: bool) -> Done:
    if act.chat.blocked == blocked:
        return {"update_id": None}
    act.chat.blocked = blocked
    act.chat.changed()
    bot = act.bot.as_user()
    member, kicked = {"status": "member", "user": bot}, {"status": "kicked", "user": bot, "until_date": 0}
    update = {
        "chat": act.chat.owner.as_chat(),
        "from": act.resident.as_user(),
        "date": int(act.world.clock.now()),
        "old_chat_member": member if blocked else kicked,
        "new_chat_member": kicked if blocked else member,
    }
    return {"update_id": act.bot.updates.add("my_chat_member", update, ("membership", act.chat.id), act.chat.id)}


def _delete(act: Act) -> Done:
    act.chat.delete(act.own_chat_message(act.wish.get("message_id")))  # a bot in a private chat is not told
    return {"update_id": None, "message_id": act.wish["message_id"]}


def _deactivate(act: Act) -> Done:
    act.resident.deactivated = True
    return {"update_id": None}


KINDS: dict[str, Callable[[Act], Done]] = {
    "text": _text,
    "start": _start,
    "press": _press,
    "voice": _voice,
    "photo": _photo,
    "album": _album,
    "location": _location,
    "contact": _contact,
    "document": _document,
    "sticker": _sticker,
    "forwarded": _forwarded,
    "block": _block,
    "unblock": _unblock,
    "delete": _delete,
    "deactivate": _deactivate,
}
