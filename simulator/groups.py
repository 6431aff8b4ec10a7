"""Groups: the bot is added or removed, somebody writes, the group becomes a supergroup."""

import random
from typing import Any

from simulator.act import Act
from simulator.errors import Misused
from simulator.people import Chat, Group, Json
from simulator.world import Bot, World

STRANGER: Json = {"id": 777000111, "is_bot": False, "first_name": "Group owner"}


def add_group(world: World, title: str) -> Group:
    """A new basic group, without a bot."""
    group = Group(-random.randrange(10**8, 10**9), title)
    world.groups[group.id] = group
    return group


def perform_in_group(world: World, group_id: int, wish: Json) -> Json:
    """Perform an action in a group: {kind: add_bot | remove_bot | text | migrate}. Raises Misused."""
    group = world.groups.get(group_id)
    bot = world.only_bot(wish.get("bot"))
    if group is None or bot is None:
        raise Misused(f"no group {group_id}, or no bot yet")
    chat = world.chat(bot, group_id)
    if chat is None:
        raise Misused(f"no group {group_id}")
    kind = wish.get("kind")
    if kind == "add_bot":
        return _membership(world, bot, group, chat, "member")
    if kind == "remove_bot":
        return _membership(world, bot, group, chat, "kicked")
    if kind == "text":
        return _text(world, bot, chat, wish)
    if kind == "migrate":
        return _migrate(world, bot, group, chat)
    raise Misused("kind is one of add_bot, remove_bot, text, migrate")


def _membership(world: World, bot: Bot, group: Group, chat: Chat, status: str) -> Json:
    """Make the update my_chat_member, and when the bot is added also a message with new_chat_members."""
    user, now = bot.as_user(), world.clock.now()

    def member(which: str) -> Json:
        return {"status": which, "user": user, **({"until_date": 0} if which == "kicked" else {})}

    former, group.status[bot.id] = group.status.get(bot.id, "left"), status
    update = {
        "chat": group.as_chat(),
        "from": STRANGER,
        "date": int(now),
        "old_chat_member": member(former),
        "new_chat_member": member(status),
    }
    update_id = bot.updates.add("my_chat_member", update, ("membership", chat.id), chat.id)
    if status == "member":
        update_id = _service(world, bot, chat, {"new_chat_members": [user]})
    return {"update_id": update_id}


def _service(world: World, bot: Bot, chat: Chat, content: Json) -> int | None:
    message = bot.new_message(chat, STRANGER, content, world.clock.now())
    return bot.updates.add("message", message.as_json(chat.owner.as_chat()), ("chat", chat.id), chat.id)


def _text(world: World, bot: Bot, chat: Chat, wish: Json) -> Json:
    """A resident writes: in a group a bot with privacy mode on (the default) only gets commands."""
    resident = world.resident(wish.get("resident", 0))
    act = Act(world, bot, chat, resident, wish)
    content: dict[str, Any] = act.text_content(act.need("text", str))
    if content["text"].startswith("/"):
        return act.message(content)
    message = bot.new_message(chat, resident.as_user(), content, world.clock.now())
    return {"update_id": None, "message_id": message.message_id}


def _migrate(world: World, bot: Bot, group: Group, chat: Chat) -> Json:
    successor = Group(-1_000_000_000_000 - random.randrange(10**9, 10**10), group.title, "supergroup")
    successor.status = dict(group.status)
    world.groups[successor.id] = successor
    group.migrated_to = successor.id
    new_chat = world.chat(bot, successor.id)
    _service(world, bot, chat, {"migrate_to_chat_id": successor.id})
    update_id = _service(world, bot, new_chat, {"migrate_from_chat_id": group.id}) if new_chat else None
    return {"update_id": update_id, "migrate_to_chat_id": successor.id}
