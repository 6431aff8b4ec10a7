"""Methods that put a message into a chat."""

from typing import Any

from simulator import samples
from simulator.errors import bad_request, too_many_requests
from simulator.methods.call import Call
from simulator.parameters import required
from simulator.people import Chat, Group, Json

TYPING_SECONDS = 5.0
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note".split()
)


def send_message(call: Call) -> Json:
    """Send a text."""
    return _send(call, {"text": call.content.text, **_entities(call, "entities")})


def send_photo(call: Call) -> Json:
    """Send a photo, which becomes a list of sizes; only pictures are accepted."""
    data, name = _file(call, "photo")
    size = samples.picture_size(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    return _send(call, {"photo": samples.photo_sizes(call.world.files, data, size, name), **_caption(call)})


def send_voice(call: Call) -> Json:
    """Send a voice message."""
    data, _ = _file(call, "voice")
    voice = samples.voice(call.world.files, data, call.params.get("duration", 0))
    return _send(call, {"voice": voice, **_caption(call)})


def send_document(call: Call) -> Json:
    """Send any file."""
    data, name = _file(call, "document")
    return _send(call, {"document": samples.document(call.world.files, data, name or "file"), **_caption(call)})


def send_location(call: Call) -> Json:
    """Send a point on the map."""
    return _send(call, {"location": _location(call)})


def send_venue(call: Call) -> Json:
    """Send a place with a name and an address."""
    title, address = required(call.params, "title"), required(call.params, "address")
    return _send(call, {"venue": {"location": _location(call), "title": title, "address": address}})


def send_contact(call: Call) -> Json:
    """Send a telephone number with a name."""
    phone, name = required(call.params, "phone_number"), required(call.params, "first_name")
    return _send(call, {"contact": {"phone_number": phone, "first_name": name}})


def send_chat_action(call: Call) -> bool:
    """Show "typing …" for five seconds, or until the next message."""
    chat = call.writable_chat()
    if call.params.get("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.typing_until = call.now + TYPING_SECONDS
    chat.changed()
    return True


def _send(call: Call, content: Json) -> Json:
    chat = call.writable_chat()
    _keep_pace(call, chat)
    markup = call.content.markup or {}
    inline = markup if markup.get("inline_keyboard") else None
    if isinstance(reply := call.params.get("reply_parameters"), dict):
        content.update(_reply_to(chat, reply))
    if "keyboard" in markup:
        chat.reply_keyboard = [
            [button if isinstance(button, dict) else {"text": button} for button in row] for row in markup["keyboard"]
        ]
    elif markup.get("remove_keyboard"):
        chat.reply_keyboard = None
    chat.typing_until = 0.0
    message = call.bot.new_message(chat, call.bot.as_user(), content, call.now, inline)
    call.facts["text"] = content.get("text") or content.get("caption")
    return call.message_json(chat, message)


def _keep_pace(call: Call, chat: Chat) -> None:
    knobs = call.world.knobs
    if "no_rate_limit" in knobs.breakages:
        return
    if wait := call.bot.pace.retry_after(chat.id, isinstance(chat.owner, Group), knobs.thresholds):
        raise too_many_requests(wait)


def _reply_to(chat: Chat, reply: Json) -> Json:
    message = chat.find(reply.get("message_id", 0))
    if message is not None:
        return {"reply_to_message": message.as_json(chat.owner.as_chat())}
    if reply.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _entities(call: Call, name: str) -> Json:
    return {name: call.content.entities} if call.content.entities else {}


def _caption(call: Call) -> Json:
    return {"caption": call.content.text, **_entities(call, "caption_entities")} if call.content.text else {}


def _location(call: Call) -> Json:
    latitude, longitude = call.params.get("latitude"), call.params.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        raise bad_request("latitude is empty" if latitude is None else "longitude is empty")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong location specified")
    return {"latitude": latitude, "longitude": longitude}


def _file(call: Call, name: str) -> tuple[bytes, str | None]:
    """The bytes and name of a file: uploaded in the field, attached to it, or known by its file_id."""
    value: Any = call.params.get(name)
    upload = call.files.get(name)
    if upload is None and isinstance(value, str) and value.startswith("attach://"):
        upload = call.files.get(value.removeprefix("attach://"))
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        return upload.data, upload.name
    if not value:
        raise bad_request(f"there is no {name} in the request")
    stored = call.world.files.get(str(value))
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return stored.data, stored.name
