"""docs/architecture.md is true: its picture is the contracts of pyproject.toml, and the contracts name every room."""

import re
import tomllib

import pytest

from tests.house.source import sources
from tests.parts import ROOT

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
PICTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS = sorted(name for name in CONTRACTS if name.startswith("rooms-of-"))


def drawn(heading: str) -> list[str]:
    """The lines of the first code block below a line that begins with `heading`."""
    found = re.search(rf"^{re.escape(heading)}.*?```\n(.*?)```", PICTURE, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1].splitlines()


def test_the_floors_are_drawn_as_the_contract_has_them() -> None:
    assert drawn("## The floors") == CONTRACTS["floors"]["layers"]


@pytest.mark.parametrize("contract", ROOMS)
def test_the_rooms_are_drawn_as_their_contract_has_them(contract: str) -> None:
    in_picture = drawn(f"`{contract.removeprefix('rooms-of-')}`")
    assert in_picture == CONTRACTS[contract]["layers"], "draw it in docs/architecture.md as in pyproject.toml"


@pytest.mark.parametrize("contract", ROOMS)
def test_a_contract_names_every_room_of_its_floor(contract: str) -> None:
    (floor,) = CONTRACTS[contract]["containers"]
    named = {room for layer in CONTRACTS[contract]["layers"] for room in layer.split(" | ")}
    there = {path.stem for path in (ROOT / floor).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert named == there - {"__init__"}


NOT_TELEGRAMS = ("services", "storage", "conversations", "domain", "handlers/chat", "handlers/api", "handlers/console",
                 "handlers/clock")  # fmt: skip


def test_only_telegrams_own_door_knows_its_numbers() -> None:
    named = [
        f"{source.name}: {name}"
        for source in sources()
        if source.name.startswith(NOT_TELEGRAMS)
        for name in re.findall(r"\b(?:telegram_ids?|chat_ids?)\b", source.text)
    ]
    assert named == []
