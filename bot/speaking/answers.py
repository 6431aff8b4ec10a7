"""Checks that an answer to a Bot API request is Telegram's own, in the form that its documentation gives.

Proxies, captive portals and broken servers answer too. Only Telegram's own well-formed refusal is final; of anything
else nobody knows whether the request took effect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeGuard

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

LONGEST_RETRY = 86_400  # seconds: Telegram asks for a day at most, when a name was changed too often
UNSAID_RETRY = 5  # seconds after a 429 whose wait is missing or unbelievable
_NUMBERS = 2**63


class OddAnswer(NetworkError):
    """An answer that is not in Telegram's form: the request may or may not have taken effect."""


def result_of(method: str, status: int, body: bytes) -> Any:
    """Read the answer to a method.

    Args:
        method: The name of the Bot API method, such as `sendMessage`.
        status: The HTTP status.
        body: The whole body.

    Returns:
        What stands under `result`, in the form that the callers rely on.

    Raises:
        BadRequest, Forbidden, ChatMigrated: Telegram's refusal, which is final.
        InvalidToken, RetryAfter, Conflict: Telegram's refusal for now; the request was not carried out.
        OddAnswer: anything else.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise OddAnswer(f"{method}: status {status}, no JSON") from None
    if not isinstance(answer, dict):
        raise OddAnswer(f"{method}: status {status}, no object")
    if status == 200 and answer.get("ok") is True:
        if not _FORMS.get(method, _anything)(answer.get("result")):
            raise OddAnswer(f"{method}: a result of another form")
        return answer["result"]
    code, words = answer.get("error_code"), answer.get("description")
    if answer.get("ok") is not False or not _is_number(code) or code != status or not isinstance(words, str):
        raise OddAnswer(f"{method}: status {status}, not in Telegram's form")
    raise _refusal(status, words, answer.get("parameters"), method)


def _refusal(status: int, words: str, parameters: Any, method: str) -> Exception:
    more = parameters if isinstance(parameters, dict) else {}
    if status == 429:
        wait = more.get("retry_after")
        return RetryAfter(wait if _is_number(wait) and 0 < wait <= LONGEST_RETRY else UNSAID_RETRY)
    if status == 400 and _is_number(more.get("migrate_to_chat_id")):
        return ChatMigrated(more["migrate_to_chat_id"])
    if status == 400:
        return BadRequest(words)
    if status == 403:
        return Forbidden(words)
    if status in {401, 404}:
        return InvalidToken(words)
    if status == 409 and method == "getUpdates":
        return Conflict(words)  # somebody else polls, or a webhook is set
    return OddAnswer(f"{method}: status {status}")


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBERS


def _anything(result: object) -> bool:
    return result is not None


def _is_true(result: object) -> bool:
    return result is True


def _is_list(result: object) -> bool:
    return isinstance(result, list)


def _is_message(result: object) -> bool:
    if not isinstance(result, dict) or not isinstance(chat := result.get("chat"), dict):
        return False
    numbers = (result.get("message_id"), result.get("date"), chat.get("id"))
    return all(map(_is_number, numbers)) and 0 <= result["date"] < 2**33 and isinstance(chat.get("type"), str)


def _is_changed(result: object) -> bool:
    return result is True or _is_message(result)


def _holds(needed: dict[str, type], optional: dict[str, type] | None = None) -> Callable[[object], bool]:
    def holds(result: object) -> bool:
        return isinstance(result, dict) and all(
            type(result.get(name)) is kind or (name not in needed and name not in result)
            for name, kind in {**needed, **(optional or {})}.items()
        )

    return holds


def _is_file(result: object) -> bool:
    # The library would read an absolute path from this machine's own disk.
    whole = _holds({"file_id": str, "file_unique_id": str, "file_path": str}, {"file_size": int})(result)
    path = result["file_path"] if whole and isinstance(result, dict) else ""
    return bool(path) and not path.startswith("/") and "://" not in path and ".." not in path.split("/")


_FORMS: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(
        ("sendMessage", "sendPhoto", "sendDocument", "sendVoice", "sendVenue", "sendLocation"), _is_message
    ),
    **dict.fromkeys(("editMessageText", "editMessageCaption", "editMessageReplyMarkup"), _is_changed),
    **dict.fromkeys(
        ("deleteMessage", "deleteMessages", "leaveChat", "answerCallbackQuery", "setWebhook", "deleteWebhook",
         "setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription"),
        _is_true,
    ),
    "getUpdates": _is_list,
    "getFile": _is_file,
    "getMyName": _holds({"name": str}),
    "getMe": _holds({"id": int, "is_bot": bool, "first_name": str, "username": str}),
    "getWebhookInfo": _holds({"url": str, "has_custom_certificate": bool, "pending_update_count": int}),
}  # fmt: skip
