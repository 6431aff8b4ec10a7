"""Commands, names and descriptions per language."""

import pytest

from simulator.phone import Phone
from tests.simulator.client import Bot

MENU = [{"command": "melden", "description": "Iets melden"}]


async def test_a_phone_shows_the_commands_of_its_language(bot: Bot, amina: Phone, bilal: Phone) -> None:
    arabic = [{"command": "melden", "description": "إبلاغ"}]
    await bot("setMyCommands", commands=MENU)
    await bot("setMyCommands", commands=arabic, language_code="ar")
    assert (await amina.chat())["commands"] == arabic
    assert (await bilal.chat())["commands"] == MENU
    assert await bot("getMyCommands", language_code="ar") == arabic
    await bot("deleteMyCommands", language_code="ar")
    assert (await amina.chat())["commands"] == MENU


async def test_a_narrow_scope_wins(bot: Bot, amina: Phone, bilal: Phone) -> None:
    own = [{"command": "wis", "description": "Alles wissen"}]
    await bot("setMyCommands", commands=MENU, scope={"type": "all_private_chats"})
    await bot("setMyCommands", commands=own, scope={"type": "chat", "chat_id": amina.id})
    assert (await amina.chat())["commands"] == own
    assert (await bilal.chat())["commands"] == MENU


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"commands": [{"command": "Melden", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "m" * 33, "description": "x"}]}, "command"),
        ({"commands": [{"command": "m", "description": ""}]}, "description"),
        ({"commands": MENU * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": MENU, "language_code": "nl-NL"}, "invalid language code"),
    ],
)
async def test_wrong_commands_are_refused(bot: Bot, wrong: dict[str, object], reason: str) -> None:
    assert reason.lower() in (await bot.refused("setMyCommands", **wrong)).lower()


@pytest.mark.parametrize(
    ("what", "field", "longest"), [("Name", "name", 64), ("Description", "description", 512),
                                   ("ShortDescription", "short_description", 120)],
)  # fmt: skip
async def test_names_and_descriptions_are_kept_per_language(bot: Bot, what: str, field: str, longest: int) -> None:
    await bot(f"setMy{what}", **{field: "Buurtstem"})
    await bot(f"setMy{what}", **{field: "صوت الحي"}, language_code="ar")
    assert await bot(f"getMy{what}", language_code="ar") == {field: "صوت الحي"}
    assert await bot(f"getMy{what}", language_code="tr") == {field: "Buurtstem"}
    await bot.refused(f"setMy{what}", **{field: "x" * (longest + 1)})


async def test_getchat_tells_who_it_is(bot: Bot, amina: Phone) -> None:
    assert (await bot("getChat", chat_id=amina.id))["first_name"] == "Amina"


async def test_logging_out_is_taken(bot: Bot) -> None:
    assert await bot("logOut")
    assert await bot("close")
