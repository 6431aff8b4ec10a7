"""A resident acts: at once, or as soon as the first bot appears."""

from typing import Any

from simulator.act import Act, Done
from simulator.deeds import KINDS
from simulator.errors import Misused
from simulator.people import Json, Resident
from simulator.world import Bot, World


def perform(world: World, resident_id: Any, wish: Json) -> Done:
    """Do an action now, or keep it until the first bot appears (update_id is None then). Raises Misused."""
    resident = world.resident(resident_id)
    bot = world.only_bot(wish.get("bot"))
    if wish.get("kind") not in KINDS:
        raise Misused(f"kind is one of {sorted(KINDS)}")
    if bot is None:
        world.waiting.append(lambda first: _perform(world, first, resident, wish))
        return {"update_id": None}
    return _perform(world, bot, resident, wish)


def _perform(world: World, bot: Bot, resident: Resident, wish: Json) -> Done:
    chat = world.chat(bot, resident.id)
    if chat is None:
        raise Misused(f"no resident {resident.id}")
    if chat.blocked and wish["kind"] not in ("start", "block", "unblock", "delete"):
        raise Misused("this resident has blocked the bot")
    return KINDS[wish["kind"]](Act(world, bot, chat, resident, wish))
