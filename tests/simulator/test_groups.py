"""Groups: the bot is added, leaves, is thrown out; a group becomes a supergroup."""

import pytest

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot


@pytest.fixture
async def group(telegram: Telegram, bot: Bot) -> int:
    made = await telegram.post("/sim/groups", title="Buren")
    return int(made["id"])


async def do(telegram: Telegram, group: int, kind: str, **more: object) -> dict[str, int]:
    done: dict[str, int] = await telegram.post(f"/sim/groups/{group}/actions", kind=kind, **more)
    return done


async def test_being_added_comes_as_a_membership_and_a_message(bot: Bot, telegram: Telegram, group: int) -> None:
    await do(telegram, group, "add_bot")
    membership, message = await bot.updates(2)
    assert membership["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert membership["my_chat_member"]["chat"] == {"id": group, "title": "Buren", "type": "group"}
    assert message["message"]["new_chat_members"][0]["id"] == 4242


async def test_the_bot_can_leave_and_is_a_member_no_more(bot: Bot, telegram: Telegram, group: int) -> None:
    await do(telegram, group, "add_bot")
    await bot("leaveChat", chat_id=group)
    assert (await bot.updates(3))[2]["my_chat_member"]["new_chat_member"]["status"] == "left"
    refused = await bot.refused("sendMessage", chat_id=group, text="dag")
    assert refused == "Forbidden: bot is not a member of the group chat"


async def test_a_bot_that_is_thrown_out_gets_403(bot: Bot, telegram: Telegram, group: int) -> None:
    await do(telegram, group, "add_bot")
    await do(telegram, group, "remove_bot")
    refused = await bot.refused("sendMessage", chat_id=group, text="dag")
    assert refused == "Forbidden: bot was kicked from the group chat"


async def test_a_migrated_group_names_its_successor(bot: Bot, telegram: Telegram, group: int) -> None:
    await do(telegram, group, "add_bot")
    successor = (await do(telegram, group, "migrate"))["migrate_to_chat_id"]
    answer = await telegram.call(bot.token, "sendMessage", chat_id=group, text="dag")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": successor}
    await bot("sendMessage", chat_id=successor, text="dag")
    assert (await bot.updates(4))[3]["message"]["migrate_from_chat_id"] == group


async def test_in_a_group_a_bot_hears_commands_only(bot: Bot, telegram: Telegram, group: int, amina: Phone) -> None:
    await do(telegram, group, "add_bot")
    await bot.updates(2)
    await do(telegram, group, "text", resident=amina.id, text="hallo allemaal")
    await do(telegram, group, "text", resident=amina.id, text="/help")
    message = (await bot.updates())[0]["message"]
    assert (message["text"], message["chat"]["id"], message["from"]["id"]) == ("/help", group, amina.id)


async def test_a_private_chat_can_not_be_left(bot: Bot, amina: Phone) -> None:
    refused = await bot.refused("leaveChat", chat_id=amina.id)
    assert refused == "Bad Request: chat member status can't be changed in private chats"
