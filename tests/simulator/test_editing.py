"""Edits happen in place; deleting works for 48 hours."""

from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import Bot

KEYBOARD = {"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]}


async def test_an_edit_replaces_text_and_buttons_in_place(bot: Bot, amina: Phone) -> None:
    sent = await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    edited = await bot("editMessageText", chat_id=amina.id, message_id=sent["message_id"], text="Dank u")
    assert (edited["message_id"], "reply_markup" in edited, edited["edit_date"] > 0) == (
        sent["message_id"],
        False,
        True,
    )
    seen = await amina.sees("Dank u")
    assert (seen["edited"], "buttons" in seen, len((await amina.chat())["messages"])) == (True, False, 2)


async def test_the_same_edit_again_is_not_modified(bot: Bot, amina: Phone) -> None:
    sent = await bot("sendMessage", chat_id=amina.id, text="<b>Dag</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    refused = await bot.refused(
        "editMessageText",
        chat_id=amina.id,
        message_id=sent["message_id"],
        text="<strong>Dag</strong> ",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
    )
    assert refused == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )
    await bot("editMessageText", chat_id=amina.id, message_id=sent["message_id"], text="Dag", reply_markup=KEYBOARD)


async def test_buttons_alone_can_be_edited(bot: Bot, amina: Phone) -> None:
    sent = await bot("sendMessage", chat_id=amina.id, text="Klopt dit?", reply_markup=KEYBOARD)
    where = {"chat_id": amina.id, "message_id": sent["message_id"]}
    await bot("editMessageReplyMarkup", **where)
    await amina.chat()
    assert amina.buttons() == []
    assert "message is not modified" in await bot.refused("editMessageReplyMarkup", **where)
    await bot("editMessageReplyMarkup", **where, reply_markup=KEYBOARD)
    await amina.chat()
    assert amina.buttons() == ["Ja"]


async def test_a_caption_can_be_edited(bot: Bot, amina: Phone) -> None:
    await amina.shows_photo()
    photo = (await bot.updates())[0]["message"]["photo"][-1]["file_id"]
    sent = await bot("sendPhoto", chat_id=amina.id, photo=photo, caption="een")
    await bot("editMessageCaption", chat_id=amina.id, message_id=sent["message_id"], caption="twee")
    assert (await amina.sees("twee"))["photo"]["width"] == 160
    refused = await bot.refused("editMessageText", chat_id=amina.id, message_id=sent["message_id"], text="drie")
    assert refused == "Bad Request: there is no text in the message to edit"


async def test_only_own_messages_that_are_there_can_be_edited(bot: Bot, amina: Phone) -> None:
    theirs = (await amina.says("dag"))["message_id"]
    refused = await bot.refused("editMessageText", chat_id=amina.id, message_id=theirs, text="x")
    assert refused == "Bad Request: message can't be edited"
    missing = await bot.refused("editMessageText", chat_id=amina.id, message_id=999_999, text="x")
    assert missing == "Bad Request: message to edit not found"


async def test_both_sides_messages_can_be_deleted_for_48_hours(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    sent = await bot("sendMessage", chat_id=amina.id, text="een")
    theirs = (await amina.says("twee"))["message_id"]
    await telegram.advance(48 * 3600 - 60)
    await bot("deleteMessage", chat_id=amina.id, message_id=theirs)
    shown = [message.get("text") for message in (await amina.chat())["messages"] if not message.get("deleted")]
    assert shown == ["/start", "een"]
    await telegram.advance(120)
    refused = await bot.refused("deleteMessage", chat_id=amina.id, message_id=sent["message_id"])
    assert refused == "Bad Request: message can't be deleted for everyone"


async def test_several_are_deleted_at_once_and_missing_ones_passed_over(bot: Bot, amina: Phone) -> None:
    ids = [(await bot("sendMessage", chat_id=amina.id, text=text))["message_id"] for text in ("een", "twee")]
    assert await bot("deleteMessages", chat_id=amina.id, message_ids=[*ids, 999_999])
    refused = await bot.refused("deleteMessage", chat_id=amina.id, message_id=ids[0])
    assert refused == "Bad Request: message to delete not found"


async def test_a_deleted_message_leaves_no_content(bot: Bot, telegram: Telegram, amina: Phone) -> None:
    mine = (await amina.says("geheim"))["message_id"]
    await amina.act("delete", message_id=mine)
    assert (await amina.chat())["messages"][-1].keys() == {"message_id", "from", "date", "edited", "deleted"}
