"""An HTTP request to a Bot API method: JSON, form, multipart and query string become one dict of typed values."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from simulator.errors import bad_request

Params = dict[str, Any]

INTEGERS = frozenset(
    "cache_time direct_messages_topic_id duration heading limit live_period max_connections message_id "
    "chat_id message_thread_id offset proximity_alert_radius timeout".split()
)
FLOATS = frozenset(("horizontal_accuracy", "latitude", "longitude"))
BOOLEANS = frozenset(
    "allow_paid_broadcast disable_content_type_detection disable_notification drop_pending_updates "
    "has_spoiler protect_content show_alert show_caption_above_media".split()
)
LISTS: dict[str, type] = {  # and what is in them
    "allowed_updates": str,
    "caption_entities": dict,
    "commands": dict,
    "entities": dict,
    "message_ids": int,
}
OBJECTS = frozenset("link_preview_options reply_markup reply_parameters scope suggested_post_parameters".split())
NESTED = LISTS.keys() | OBJECTS


@dataclass(slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    data: bytes
    mime_type: str


async def read_request(request: web.Request) -> tuple[Params, dict[str, Upload]]:
    """The parameters with their types, and the files by field name. Raises Refused (400) for an unreadable body."""
    texts: Params = dict(request.query)
    files: dict[str, Upload] = {}
    if not request.body_exists:
        return typed(texts), files
    kind = request.content_type
    if kind == "application/json":
        return nested({**texts, **_json_object(await request.read())}), files
    if kind == "application/x-www-form-urlencoded":
        texts.update(parse_qsl((await request.read()).decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise bad_request("a part of the multipart body has no name")
            name = part.name
            content = bytes(await part.read())
            if part.filename is None:
                texts[name] = content.decode("utf-8", "replace")
            else:
                mime_type = part.headers.get("Content-Type", "application/octet-stream")
                files[name] = Upload(part.filename, content, mime_type)
    return typed(texts), files


def _json_object(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("JSON object expected")
    return value


def nested(params: Params) -> Params:
    """Parse, in place, the fields that may be sent JSON-serialized. Raises Refused when one is no JSON."""
    for name in NESTED & params.keys():
        value = params[name]
        if isinstance(value, str):
            if value == "":
                del params[name]  # an empty form field counts as absent
                continue
            try:
                params[name] = json.loads(value)
            except ValueError:
                raise bad_request(f"can't parse {name} JSON object") from None
    return params


def typed(texts: Params) -> Params:
    """Turn form fields, which are all strings, into numbers and booleans where a field is one; others stay strings."""
    params = nested(texts)
    for name, value in params.items():
        if not isinstance(value, str):
            continue
        if name in INTEGERS and value.lstrip("-").isdigit():
            params[name] = int(value)
        elif name in BOOLEANS and value.lower() in ("true", "false", "1", "0", "yes", "no"):
            params[name] = value.lower() in ("true", "1", "yes")
        elif name in FLOATS:
            try:
                params[name] = float(value)
            except ValueError:
                continue  # stays a string; the check of types says so
    return params


def wrong_types(params: Params) -> list[str]:
    """The fields of a wrong type, by this file's tables alone, without a published description. Others are texts."""
    return [f"{name} has a wrong type" for name, value in params.items() if not _fits(name, value)]


def _fits(name: str, value: Any) -> bool:
    if name in BOOLEANS:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if name in INTEGERS:
        return isinstance(value, int) or (name == "chat_id" and isinstance(value, str))
    if name in FLOATS:
        return isinstance(value, int | float)
    if name in LISTS:
        return isinstance(value, list) and all(isinstance(item, LISTS[name]) for item in value)
    return isinstance(value, dict if name in OBJECTS else str)


def required(params: Params, name: str, wording: str | None = None) -> Any:
    """The parameter. Raises Refused (400 with `wording`) when it is missing or empty."""
    value = params.get(name)
    if value is None or value == "":
        raise bad_request(wording or f"{name} is empty")
    return value


def chat_id_of(params: Params) -> int:
    """The numeric chat id of a request. Raises Refused (400)."""
    value = required(params, "chat_id", "chat_id is empty")
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        raise bad_request("chat not found")
    return value
