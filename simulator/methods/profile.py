"""The bot itself: its names, descriptions and commands per language; and the chats it is in."""

import re
from typing import Any

from simulator.errors import bad_request
from simulator.methods.call import Call
from simulator.people import Group, Json

LANGUAGE = re.compile(r"(?:[a-z]{2})?")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def get_me(call: Call) -> Json:
    """Who the bot is."""
    return {
        **call.bot.as_user(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(call: Call) -> bool:
    """Set the command menu of a scope and a language."""
    commands = call.params.get("commands", [])
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    checked = [{"command": _command(each), "description": _description(each)} for each in commands]
    call.bot.commands[_menu(call)] = checked
    return True


def get_my_commands(call: Call) -> list[Json]:
    """The menu of exactly that scope and language."""
    return call.bot.commands.get(_menu(call), [])


def delete_my_commands(call: Call) -> bool:
    """Delete the menu of a scope and a language: phones fall back to the next wider one."""
    call.bot.commands.pop(_menu(call), None)
    return True


def _command(described: Json) -> str:
    command = str(described.get("command", "")).removeprefix("/")
    if not COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    return command


def _description(described: Json) -> str:
    description = str(described.get("description", ""))
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return description


def _menu(call: Call) -> tuple[str, str]:
    scope = call.params.get("scope") or {"type": "default"}
    key = ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)
    return key, _language(call)


def _language(call: Call) -> str:
    language = call.params.get("language_code") or ""
    if not LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return str(language)


def set_my_name(call: Call) -> bool:
    """Set the bot's name: 0-64 characters."""
    return _set(call, call.bot.names, "name", 64)


def set_my_description(call: Call) -> bool:
    """Set the description, shown in an empty chat: 0-512 characters."""
    return _set(call, call.bot.descriptions, "description", 512)


def set_my_short_description(call: Call) -> bool:
    """Set the short description, shown on the profile: 0-120 characters."""
    return _set(call, call.bot.short_descriptions, "short_description", 120)


def get_my_name(call: Call) -> Json:
    """The name in a language; falls back to the name without a language."""
    return {"name": _get(call, call.bot.names) or call.bot.as_user()["first_name"]}


def get_my_description(call: Call) -> Json:
    """The description in a language; falls back to the one without a language."""
    return {"description": _get(call, call.bot.descriptions)}


def get_my_short_description(call: Call) -> Json:
    """The short description in a language; falls back to the one without a language."""
    return {"short_description": _get(call, call.bot.short_descriptions)}


def _set(call: Call, texts: dict[str, str], name: str, longest: int) -> bool:
    text = call.params.get(name) or ""
    if len(text) > longest:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    language = _language(call)
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)
    return True


def _get(call: Call, texts: dict[str, str]) -> str:
    return texts.get(_language(call)) or texts.get("", "")


def get_chat(call: Call) -> Json:
    """A resident or a group, as ChatFullInfo."""
    return {
        **call.chat().owner.as_chat(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        ),
    }


def leave_chat(call: Call) -> bool:
    """The bot leaves a group, and gets the update my_chat_member about it."""
    chat = call.chat()
    if not isinstance(chat.owner, Group):
        raise bad_request("chat member status can't be changed in private chats")
    _leave(call, chat.owner)
    return True


def _leave(call: Call, group: Group) -> None:
    former = group.status.get(call.bot.id, "left")
    if former != "member":
        raise bad_request("CHANNEL_PRIVATE")
    group.status[call.bot.id] = "left"
    user: dict[str, Any] = call.bot.as_user()
    update = {
        "chat": group.as_chat(),
        "from": user,
        "date": int(call.now),
        "old_chat_member": {"status": "member", "user": user},
        "new_chat_member": {"status": "left", "user": user},
    }
    call.bot.updates.add("my_chat_member", update, ("membership", group.id), group.id)


def log_out(_: Call) -> bool:
    """Nothing to do here: the cloud server and a local one are the same."""
    return True
