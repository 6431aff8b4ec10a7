"""A chat as the resident sees it on the phone."""

from typing import Any

from simulator.entities import to_html
from simulator.people import Chat, Json, Message
from simulator.world import Bot


def chat_view(chat: Chat, now: float) -> Json:
    """The whole chat, for the control API."""
    view: Json = {
        "version": chat.version,
        "blocked": chat.blocked,
        "started": chat.started,
        "typing": chat.typing_until > now,
        "messages": [_message(message) for message in chat.messages.values()],
        "toasts": list(chat.toasts),
    }
    if chat.reply_keyboard is not None:
        view["reply_keyboard"] = chat.reply_keyboard
    return view


def _message(message: Message) -> Json:
    view: Json = {
        "message_id": message.message_id,
        "from": "bot" if message.from_bot else "resident",
        "date": message.date,
        "edited": message.edit_date is not None,
    }
    if message.deleted:
        return {**view, "deleted": True}
    content = message.content
    for name in ("text", "caption", "entities", "caption_entities", "location", "venue", "contact", "media_group_id"):
        if name in content:
            view[name] = content[name]
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if text in content:
            view["html"] = to_html(content[text], content.get(entities, []))
    if "photo" in content:
        view["photo"] = _with_url(content["photo"][-1])
    for name in ("voice", "document", "sticker"):
        if name in content:
            view[name] = _with_url(content[name])
    if message.markup:
        view["buttons"] = [[_button(button) for button in row] for row in message.markup["inline_keyboard"]]
    return view


def _with_url(file: dict[str, Any]) -> Json:
    return {**file, "url": f"/sim/files/{file['file_id']}"}


def _button(button: dict[str, Any]) -> Json:
    shown = {"text": button["text"]}
    if "callback_data" in button:
        shown["data"] = button["callback_data"]
    if "url" in button:
        shown["url"] = button["url"]
    return shown


async def wait_for_news(chat: Chat, after: int, seconds: float) -> None:
    """Returns once the chat's version differs from `after`, or the time is over."""
    if chat.version == after and seconds > 0:
        await chat.news.wait(seconds)


def command_menu(bot: Bot, chat_id: int, language: str | None) -> list[Json]:
    """The commands a resident's phone shows: of the narrowest scope, in the phone's language before those without."""
    base = (language or "").split("-")[0]
    for scope in (f"chat:{chat_id}", "all_private_chats", "default"):
        for code in (base, ""):
            if commands := bot.commands.get((scope, code)):
                return commands
    return []
