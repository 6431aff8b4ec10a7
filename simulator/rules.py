"""What Telegram refuses in the content of a request: text, caption, buttons. Pure; wordings as the server's."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from simulator.entities import Entity, parse_html, plain, utf16_length
from simulator.errors import Refused, bad_request

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTONS_IN_MESSAGE = 100
BUTTONS_IN_ROW = 8
DATA_BYTES = 64
NOT_ACTIONS = {"text", "icon_custom_emoji_id", "style"}
TEXT_METHODS = {"sendMessage", "editMessageText"}


@dataclass(slots=True)
class Content:
    """A request's text or caption after entity parsing, and its markup once checked."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    markup: dict[str, Any] | None = None


def content_of(method: str, params: dict[str, Any], breakages: frozenset[str] = frozenset()) -> Content:
    """The checked content of a request. Raises Refused with Telegram's wording."""
    content = Content(markup=params.get("reply_markup"))
    if method in TEXT_METHODS:
        content.text, content.entities = _parsed(params, "text", "entities", breakages)
        if not content.text:
            raise bad_request("message text is empty")
        if len(content.text) > TEXT_LIMIT:
            raise bad_request("message is too long")
    elif "caption" in params:
        content.text, content.entities = _parsed(params, "caption", "caption_entities", breakages)
        if len(content.text) > CAPTION_LIMIT:
            raise bad_request("message caption is too long")
    if content.markup is not None:
        check_markup(content.markup, characters_for_bytes="characters_for_bytes" in breakages)
    return content


def _parsed(
    params: dict[str, Any], name: str, entities_name: str, breakages: frozenset[str]
) -> tuple[str, list[Entity]]:
    text = params.get(name, "")
    if not isinstance(text, str):
        raise bad_request(f"{name} must be a string")
    code_points = "code_points_for_utf16" in breakages
    mode = str(params.get("parse_mode") or "").lower()
    if mode == "html":
        return parse_html(text, code_points=code_points)
    if mode in ("markdown", "markdownv2"):
        raise Refused(501, f"parse_mode {params['parse_mode']} is not built in the local Telegram")
    if mode:
        raise bad_request("unsupported parse_mode")
    given = params.get(entities_name)
    if given is not None:
        return text, _given(text, given)
    return plain(text, code_points=code_points)


def _given(text: str, entities: Any) -> list[Entity]:
    length = utf16_length(text)
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: Array of MessageEntity expected")
    for entity in entities:
        start, size = (entity.get("offset"), entity.get("length")) if isinstance(entity, dict) else (None, None)
        if not isinstance(start, int) or not isinstance(size, int) or start < 0 or size < 1 or start + size > length:
            raise bad_request("can't parse entities: entity lies outside the text")
    return list(entities)


def check_markup(markup: Any, *, characters_for_bytes: bool = False) -> None:
    """Raises Refused for a keyboard that Telegram would not take."""
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    kinds = [name for name in ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply") if name in markup]
    if len(kinds) != 1:
        raise bad_request("reply markup must be exactly one of inline_keyboard, keyboard, remove_keyboard, force_reply")
    if kinds[0] not in ("inline_keyboard", "keyboard"):
        return
    rows = markup[kinds[0]]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{kinds[0]}" must be an Array of Arrays')
    if sum(map(len, rows)) > BUTTONS_IN_MESSAGE or any(len(row) > BUTTONS_IN_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            if kinds[0] == "inline_keyboard":
                _check_inline_button(button, characters_for_bytes)
            else:
                _check_reply_button(button)


def _check_inline_button(button: Any, characters_for_bytes: bool) -> None:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = button.keys() - NOT_ACTIONS
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
                          if not actions else "an inline keyboard button has exactly one action")  # fmt: skip
    if "callback_data" in button:
        data = button["callback_data"]
        size = 0 if not isinstance(data, str) else len(data) if characters_for_bytes else len(data.encode())
        if not 1 <= size <= DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(button["url"])


def _check_url(url: Any) -> None:
    try:
        parts = urlsplit(str(url))
        wrong = parts.scheme in ("http", "https") and "." not in (parts.hostname or "")
        wrong = wrong or parts.scheme not in ("http", "https", "tg", "ton", "tonsite")
    except ValueError:
        wrong = True
    if wrong:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_reply_button(button: Any) -> None:
    text = button.get("text") if isinstance(button, dict) else button
    if not isinstance(text, str) or not text.strip():
        raise bad_request("keyboard button text must be non-empty")
    if isinstance(button, dict) and len(button.keys() - NOT_ACTIONS) > 1:
        raise bad_request("a keyboard button has at most one action")
