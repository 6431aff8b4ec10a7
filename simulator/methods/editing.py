"""Methods that change or take away what was sent, and that answer a press."""

from typing import Any

from simulator.errors import bad_request
from simulator.methods.call import Call
from simulator.parameters import required
from simulator.people import Chat, Json, Message

DELETE_SECONDS = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def edit_message_text(call: Call) -> Json:
    """Put another text in the same message; the buttons go unless they are sent again."""
    chat, message = _own_message(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(call, chat, message, _with_text(call, "text", "entities"))


def edit_message_caption(call: Call) -> Json:
    """Put another caption under the same photo, voice or file."""
    chat, message = _own_message(call)
    if not message.content.keys() & {"photo", "voice", "document"}:
        raise bad_request("there is no caption in the message to edit")
    kept = {name: value for name, value in message.content.items() if name not in ("caption", "caption_entities")}
    return _edit(call, chat, message, {**kept, **_with_text(call, "caption", "caption_entities")})


def edit_message_reply_markup(call: Call) -> Json:
    """Put other buttons under the same message, or none."""
    chat, message = _own_message(call)
    return _edit(call, chat, message, message.content)


def delete_message(call: Call) -> bool:
    """Delete a message up to 48 hours old; in a private chat the resident's messages too."""
    chat, message_id = call.chat(), required(call.params, "message_id", "message identifier is not specified")
    message = chat.find(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if call.now - message.date > DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    chat.delete(message)
    call.facts["message_id"] = message_id
    return True


def delete_messages(call: Call) -> bool:
    """Delete several messages at once; those that can't be found or deleted are passed over."""
    chat = call.chat()
    for message_id in required(call.params, "message_ids", "message identifiers are not specified"):
        message = chat.find(message_id)
        if message is not None and call.now - message.date <= DELETE_SECONDS:
            chat.delete(message)
    return True


def answer_callback_query(call: Call) -> bool:
    """End the waiting circle on a button, with a text as a toast or alert. Once, within 150 s of the press."""
    press = call.bot.presses.pop(str(call.params.get("callback_query_id", "")), None)
    if press is None or press.expires_at < call.now:
        raise bad_request(TOO_OLD)
    call.facts["chat"] = press.chat_id
    text = call.params.get("text", "")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if text:
        call.facts["text"] = text
        chat = call.world.chat(call.bot, press.chat_id)
        if chat is not None:
            chat.toast(text, alert=bool(call.params.get("show_alert")))
    return True


def _own_message(call: Call) -> tuple[Chat, Message]:
    if "inline_message_id" in call.params:
        raise bad_request("MESSAGE_ID_INVALID")
    chat = call.writable_chat()
    message = chat.find(required(call.params, "message_id", "message identifier is not specified"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def _with_text(call: Call, name: str, entities_name: str) -> dict[str, Any]:
    content: dict[str, Any] = {name: call.content.text} if call.content.text else {}
    if call.content.entities:
        content[entities_name] = call.content.entities
    return content


def _edit(call: Call, chat: Chat, message: Message, content: Json) -> Json:
    markup = call.content.markup
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    inline = markup if markup and markup["inline_keyboard"] else None
    if content == {key: message.content[key] for key in message.content if key != "reply_to_message"} and (
        inline == message.markup
    ):
        raise bad_request(NOT_MODIFIED)
    if "reply_to_message" in message.content:
        content = {**content, "reply_to_message": message.content["reply_to_message"]}
    message.content, message.markup, message.edit_date = content, inline, int(call.now)
    call.facts["text"] = content.get("text") or content.get("caption")
    chat.changed()
    return call.message_json(chat, message)
