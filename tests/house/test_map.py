"""docs/map.md is true: it names every command, route, button, clock moment and bot command, and nothing else.

The map has a section for each kind, with a table whose first column holds the name in backticks.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Mount

from bot.__main__ import COMMANDS
from bot.listening.hook import PATH
from bot.running.profile import COMMANDS as MENU
from bot.web.application import make_app
from handlers.chat.commands import COMMANDS as WORDS
from handlers.console.app import make_console
from handlers.subjects import MOMENTS, PAGES
from handlers.telegram import callbacks
from handlers.telegram.aiogram_lazily import CallbackData
from tests.parts import ROOT


def http_routes() -> set[str]:
    """Every route of the program, `METHOD /path`: the API's, the console's, the webhook's."""
    # Nothing is opened or heard while the routes are only listed.
    app = make_app(cast(Any, None), secure=True)
    console = make_console(cast(Any, None), PAGES, secure=True, demo=False)
    return {*_routes(app.routes), *_routes(console.routes), f"POST {PATH}"}


def _routes(routes: Sequence[BaseRoute], above: str = "") -> Iterator[str]:
    for found in iter_route_contexts(routes):
        route, path = found.original_route, above + (found.path or "")
        if isinstance(route, Mount) and route.routes:
            yield from _routes(route.routes, path)
        else:  # a mount without routes serves files
            yield from (f"{method} {path}" for method in (found.methods or {"GET"}) - {"HEAD"})


def buttons() -> set[str]:
    """Every class of button data; all of them stand in one file."""
    return {name for name, kind in vars(callbacks).items() if isinstance(kind, type) and kind.__base__ is CallbackData}


KINDS: dict[str, Callable[[], set[str]]] = {
    "Commands": lambda: set(COMMANDS),
    "Routes": http_routes,
    "Buttons": buttons,
    "Clock moments": lambda: {moment.name for moment in MOMENTS},
    "Bot commands": lambda: {f"/{name}" for name in MENU},
}


def section(kind: str) -> str:
    """What the map says under the heading of this kind."""
    sections = re.split(r"^## (.+)$", (ROOT / "docs" / "map.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(sections[1::2], sections[2::2], strict=True))[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_map_names_everything_once_and_nothing_else(kind: str) -> None:
    real = KINDS[kind]()
    assert real, f"no {kind.lower()} were found in the program"
    assert sorted(re.findall(r"^\| `([^`]+)` \|", section(kind), re.MULTILINE)) == sorted(real)


def test_the_map_names_every_other_word_for_a_bot_command() -> None:
    assert {f"/{name}" for name in WORDS} <= set(re.findall(r"`(/[^`]+)`", section("Bot commands")))
