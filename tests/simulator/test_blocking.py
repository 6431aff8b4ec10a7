"""A resident who has blocked the bot, never started it, or is gone: 403, and the update that the bot gets."""

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot


async def test_a_blocked_bot_gets_403_and_is_told(bot: Bot, amina: Phone) -> None:
    await amina.blocks()
    change = (await bot.updates())[0]["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    refused = await bot.refused("sendMessage", chat_id=amina.id, text="dag")
    assert refused == "Forbidden: bot was blocked by the user"
    await amina.unblocks()
    assert (await bot.updates())[0]["my_chat_member"]["new_chat_member"]["status"] == "member"
    await bot("sendMessage", chat_id=amina.id, text="dag")


async def test_start_takes_the_block_away(bot: Bot, amina: Phone) -> None:
    await amina.blocks()
    await amina.starts()
    kinds = [next(kind for kind in update if kind != "update_id") for update in await bot.updates(3)]
    assert kinds == ["my_chat_member", "my_chat_member", "message"]


async def test_who_never_started_can_not_be_written_to(bot: Bot, telegram: Telegram) -> None:
    async with await Phone.new(telegram.url) as stranger:
        refused = await bot.refused("sendMessage", chat_id=stranger.id, text="dag")
    assert refused == "Forbidden: bot can't initiate conversation with a user"


async def test_a_deactivated_user_gets_403(bot: Bot, amina: Phone) -> None:
    await amina.act("deactivate")
    assert await bot.refused("sendMessage", chat_id=amina.id, text="dag") == "Forbidden: user is deactivated"


async def test_an_unknown_chat_is_not_found(bot: Bot) -> None:
    for chat_id in (12345, "@nobody"):
        assert await bot.refused("sendMessage", chat_id=chat_id, text="dag") == "Bad Request: chat not found"
