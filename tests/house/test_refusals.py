"""Every refusal is of one of six kinds, and the chat, the API and the console answer each kind."""

import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, cast

import pytest
from starlette.applications import Starlette

import domain
import services
from conversations.people.notices import REFUSALS
from domain.refusals import KINDS, Invalid, NotThere, Refusal
from handlers.api.app import make_api
from handlers.console.app import make_console
from handlers.subjects import API, PAGES

# Errors that are no refusals: they end a command or a start, or report damage.
NO_REFUSALS = {
    "CannotOpen", "CannotRestore", "KeyMissing", "NoSuchHour", "OtherBot", "WrongFile",
}  # fmt: skip


def errors() -> Iterator[type[Exception]]:
    """Every exception class that `domain` or `services` defines."""
    for package in (domain, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for _, one in inspect.getmembers(pkgutil.resolve_name(module.name), inspect.isclass):
                if issubclass(one, Exception) and one.__module__ == module.name:
                    yield one


def kinds_of(refusal: type[Exception]) -> list[type[Refusal]]:
    """The kinds that this refusal is of."""
    return [kind for kind in KINDS if issubclass(refusal, kind)]


def forgotten(found: list[type[Exception]]) -> list[str]:
    """Names of the errors that are of no kind, or of several, and are not in NO_REFUSALS."""
    own = [one for one in found if one not in (Refusal, *KINDS)]
    return [one.__name__ for one in own if len(kinds_of(one)) != 1 and one.__name__ not in NO_REFUSALS]


def unanswered(app: Starlette) -> list[str]:
    """Names of the kinds for which this application has no answer."""
    return [kind.__name__ for kind in KINDS if kind not in app.exception_handlers]


def test_the_chat_answers_every_kind() -> None:
    assert set(REFUSALS) == set(KINDS)


def ways_in() -> dict[str, Starlette]:
    nothing = cast(Any, None)
    return {"api": make_api(nothing, API), "console": make_console(nothing, PAGES, secure=True, demo=False)}


def test_every_refusal_is_of_one_kind() -> None:
    found = list(errors())
    assert len(found) > 40
    assert forgotten(found) == []


def test_what_is_no_refusal_is_still_there() -> None:
    assert {one.__name__ for one in errors()} >= NO_REFUSALS


@pytest.mark.parametrize("bases", [(Refusal,), (Exception,), (NotThere, Invalid)])
def test_a_refusal_of_no_kind_or_of_two_is_noticed(bases: tuple[type, ...]) -> None:
    assert forgotten([type("Unheard", bases, {})]) == ["Unheard"]


@pytest.mark.parametrize("way_in", ["api", "console"])
def test_every_kind_is_answered(way_in: str) -> None:
    app = ways_in()[way_in]
    assert unanswered(app) == []
    del app.exception_handlers[KINDS[0]]
    assert unanswered(app) == [KINDS[0].__name__]
