"""Outside parts that some tests need: one line says which is missing and how to get it."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRE_ALL = os.environ.get("BUURTSTEM_REQUIRE_ALL") == "1"
SHARED = "data/"
# LD_PRELOAD and FAKETIME… carry the moment that tests/at_moment.sh set into the programs we start.
_SURROUNDINGS = ("PATH", "HOME", "SHARED_DIR", "TZ", "LD_PRELOAD")


def missing(part: str, remedy: str, *, optional: bool = False) -> NoReturn:
    """Skip the calling test with one line `PART is missing: REMEDY`; fail it when every part is required.

    An `optional` part is never required.
    """
    line = f"{part} is missing: {remedy}"
    if REQUIRE_ALL and not optional:
        pytest.fail(line, pytrace=False)
    pytest.skip(line)


def shared_data(name: str) -> Path:
    """Give the path of `SHARED_DIR/data/NAME` (default ../shared), or skip: the product ships none of this data."""
    found = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared")) / SHARED / name
    if not found.exists():
        # A clone by itself has no such folder.
        missing(SHARED + name, "name the folder that holds data/ in SHARED_DIR", optional=True)
    return found


def surroundings() -> dict[str, str]:
    """Give the part of our environment that a started program gets: where things lie, and faketime's moment."""
    return {name: value for name, value in os.environ.items() if name in _SURROUNDINGS or name.startswith("FAKETIME")}
