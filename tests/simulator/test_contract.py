"""Every request is checked against the published description; what breaks it is refused and recorded."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.contract import Contract
from simulator.local_telegram import LocalTelegram, Telegram
from simulator.methods.table import HANDLERS
from simulator.phone import Phone
from tests.parts import shared_data
from tests.simulator.client import Bot


@cache
def loaded() -> Contract:
    contract = Contract.load(shared_data("botapi"))
    assert contract is not None
    return contract


@pytest.fixture
def contract() -> Contract:
    return loaded()


GOOD: dict[str, Any] = {
    "chat_id": 1,
    "text": "dag",
    "entities": [{"type": "bold", "offset": 0, "length": 3}],
    "link_preview_options": {"is_disabled": True},
    "reply_markup": {"inline_keyboard": [[{"text": "Ja", "callback_data": "yes"}]]},
}


def test_a_good_request_has_no_complaints(contract: Contract) -> None:
    assert contract.complaints("sendMessage", GOOD) == []
    assert (
        contract.complaints("sendMessage", {**GOOD, "chat_id": "@buren", "reply_markup": {"force_reply": True}}) == []
    )
    assert contract.complaints("sendPhoto", {"chat_id": 1}, frozenset({"photo"})) == []
    assert contract.complaints("sendPhoto", {"chat_id": 1, "photo": "attach://x"}, frozenset({"x"})) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"txt": "x"}, "txt is unknown"),
        ({"text": None}, "text must be String"),
        ({"text": 5}, "text must be String"),
        ({"chat_id": 1.5}, "chat_id must be Integer"),
        ({"chat_id": True}, "chat_id must be Integer"),
        ({"disable_notification": "yes"}, "disable_notification must be Boolean"),
        ({"entities": {}}, "entities must be an array"),
        ({"entities": [{"type": "bold", "offset": 0}]}, "entities[0].length is missing"),
        ({"link_preview_options": {"disabled": True}}, "link_preview_options.disabled is unknown"),
        ({"reply_markup": {"inline_keyboard": [{"text": "x"}]}}, "reply_markup.inline_keyboard[0] must be an array"),
        ({"reply_markup": {"keyboard": [[{"txt": "x"}]]}}, "reply_markup.keyboard[0][0].txt is unknown"),
        ({"reply_markup": {"force_reply": True, "input_field_placeholder": "x" * 65}},
         "reply_markup.input_field_placeholder has 65 characters, allowed are 1-64"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_complained_about(contract: Contract, change: dict[str, Any], complaint: str) -> None:
    assert complaint in contract.complaints("sendMessage", {**GOOD, **change})


def test_a_required_field_may_not_miss(contract: Contract) -> None:
    assert contract.complaints("sendMessage", {"chat_id": 1}) == ["text is missing"]


def test_a_file_must_belong_to_a_field(contract: Contract) -> None:
    found = contract.complaints("sendPhoto", {"chat_id": 1, "photo": "abc"}, frozenset({"loose"}))
    assert found == ["file loose belongs to no field"]


def test_a_scope_must_be_one_that_exists(contract: Contract) -> None:
    commands = [{"command": "wis", "description": "x"}]
    assert contract.complaints("setMyCommands", {"commands": commands, "scope": {"type": "chat", "chat_id": 1}}) == []
    assert contract.complaints("setMyCommands", {"commands": commands, "scope": {"type": "everybody"}}) != []


@given(place=st.integers(0, 30), junk=st.sampled_from([None, {}, [], -1.5, {"a": 1}, [[]]]))
def test_any_mutated_field_is_caught(place: int, junk: Any) -> None:
    paths = _paths(GOOD)
    path = paths[place % len(paths)]
    assert loaded().complaints("sendMessage", _with(GOOD, path, junk)) != []


def _paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path (keys and indexes) to each leaf of a request."""
    if isinstance(value, dict):
        return [path for key, inner in value.items() for path in _paths(inner, (*before, key))]
    if isinstance(value, list):
        return [path for index, inner in enumerate(value) for path in _paths(inner, (*before, index))]
    return [before]


def _with(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], junk)
    return copy


def test_every_built_method_is_in_the_description(contract: Contract) -> None:
    unknown = [method for method in HANDLERS if contract.complaints(method, {}) == [f"method {method} is unknown"]]
    assert unknown == []
    assert contract.complaints("sendSmoke", {}) == ["method sendSmoke is unknown"]


async def test_a_violation_is_refused_and_recorded(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    shared_data("botapi")
    assert (
        await bot.refused("sendMessage", chat_id=amina.id, text="x", colour="red") == "Bad Request: colour is unknown"
    )
    violations = await telegram.violations()
    assert [(each["method"], each["complaint"]) for each in violations] == [("sendMessage", "colour is unknown")]
    assert len((await amina.chat())["messages"]) == 1


async def test_broken_html_and_buttons_are_violations_too(telegram: Telegram, bot: Bot, amina: Phone) -> None:
    await bot.refused("sendMessage", chat_id=amina.id, text="Ali <3", parse_mode="HTML")
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}
    await bot.refused("sendMessage", chat_id=amina.id, text="x", reply_markup=keyboard)
    complaints = [each["complaint"] for each in await telegram.violations()]
    assert complaints == ['can\'t parse entities: Unsupported start tag "3" at byte offset 4', "BUTTON_DATA_INVALID"]


async def test_without_the_description_the_built_in_rules_remain(tmp_path: Path) -> None:
    async with LocalTelegram("--shared", str(tmp_path)) as telegram, await Phone.new(telegram.url) as phone:
        bot = Bot(telegram)
        await bot("getMe")
        await phone.starts()
        await bot("sendMessage", chat_id=phone.id, text="x", colour="red")
        assert await bot.refused("sendMessage", chat_id=phone.id, text="") == "Bad Request: message text is empty"


JUNK: list[Any] = [None, "", -1, 1.5, True, "x", [], {}, [1], [[]], {"a": 1}, [{}], {"keyboard": [[1]]}, 10**30]


@pytest.mark.parametrize("shared", ["with the description", "without"])
async def test_no_request_crashes_the_local_telegram(contract: Contract, shared: str, tmp_path: Path) -> None:
    arguments = [] if shared == "with the description" else ["--shared", str(tmp_path)]
    async with (
        LocalTelegram("--thresholds", "raised", *arguments) as telegram,
        await Phone.new(telegram.url) as phone,
    ):
        bot = Bot(telegram)
        await bot("getMe")
        await phone.starts()
        sent = await bot("sendMessage", chat_id=phone.id, text="x")
        good = {"chat_id": phone.id, "text": "x", "message_id": sent["message_id"], "commands": [], "file_id": "x"}
        for method in sorted(HANDLERS):
            fields = contract._methods[method]
            base = {name: value for name, value in good.items() if name in fields}
            for field in fields:
                for junk in JUNK:
                    answer = await bot.telegram.call(bot.token, method, **{**base, field: junk})
                    assert "ok" in answer
