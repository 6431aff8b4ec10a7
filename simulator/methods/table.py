"""Which handler answers which method."""

from collections.abc import Callable
from typing import Any

from simulator.methods import editing, listening, profile, sending
from simulator.methods.call import Call

HANDLERS: dict[str, Callable[[Call], Any]] = {
    "getMe": profile.get_me,
    "setWebhook": listening.set_webhook,
    "deleteWebhook": listening.delete_webhook,
    "getWebhookInfo": listening.get_webhook_info,
    "getFile": listening.get_file,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVoice": sending.send_voice,
    "sendDocument": sending.send_document,
    "sendLocation": sending.send_location,
    "sendVenue": sending.send_venue,
    "sendContact": sending.send_contact,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "getChat": profile.get_chat,
    "leaveChat": profile.leave_chat,
    "logOut": profile.log_out,
    "close": profile.log_out,
}

# Method names are matched without regard to case, as on the server.
BY_LOWER_CASE = {name.lower(): name for name in [*HANDLERS, "getUpdates"]}
