"""No regular expression of ours takes long on any text: each is tried on hostile texts and near-matches of itself."""

import ast
import inspect
import pkgutil
import random
import re
from collections.abc import Callable, Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.hostile import LENGTH, MOST_SECONDS, processor_seconds, shapes
from tests.parts import ROOT

PACKAGES = ("bot", "conversations", "domain", "handlers", "services", "storage")
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "1", sre.CATEGORY_NOT_DIGIT: "a", sre.CATEGORY_SPACE: " ", sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_TRIED = (20, 512, LENGTH)


def patterns() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Yield (name, pattern, whether texts are searched for it) for every pattern in the program's modules."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if "migrations" in found.name or found.name.endswith("__main__"):
                continue
            yield from _of_module(found.name)


def _of_module(name: str) -> Iterator[tuple[str, re.Pattern[str], bool]]:
    module = pkgutil.resolve_name(name)  # every module of the house, so that none can be forgotten here
    source = inspect.getsource(module)
    for label, value in vars(module).items():
        anchored = re.search(rf"\b{label}\.(match|fullmatch)\b", source) and not re.search(
            rf"\b{label}\.(search|findall|finditer|sub|split)\b", source
        )
        for one in value if isinstance(value, tuple | list) else (value,):
            for each in one if isinstance(one, tuple) else (one,):
                if isinstance(each, re.Pattern):
                    yield f"{name}.{label}", each, not anchored
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), used), [ast.Constant(str() as written), *_]) if (
                used != "compile"
            ):
                yield f"{name}: {written}", re.compile(written), used not in ("match", "fullmatch")


def near_match(form: Any, chance: random.Random, repeats: int) -> str:
    """A text that a parsed pattern matches. repeats: how often a part without a maximum is repeated."""
    made = []
    for kind, value in form:
        if kind is sre.LITERAL:
            made.append(chr(value))
        elif kind in (sre.ANY, sre.NOT_LITERAL):
            made.append("x")
        elif kind is sre.IN:
            made.append(_one_of(value, chance))
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            least, most, inner = value
            times = repeats if most == sre.MAXREPEAT else chance.randint(least, most)
            made.append(near_match(inner, chance, min(repeats, 3)) * times)
        elif kind is sre.SUBPATTERN:
            made.append(near_match(value[3], chance, repeats))
        elif kind is sre.BRANCH:
            made.append(near_match(chance.choice(value[1]), chance, repeats))
    return "".join(made)


def _one_of(choices: list[Any], chance: random.Random) -> str:
    kind, value = chance.choice(choices)
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.RANGE:
        return chr(chance.randint(*value))
    return _CATEGORIES.get(value, "x")


def slowest(pattern: re.Pattern[str], *, searched: bool) -> float:
    """The most processor seconds of one use on any text, short ones first; stops at the first above MOST_SECONDS."""
    form = _parser.parse(pattern.pattern, pattern.flags)
    most = 0.0
    for length in _TRIED:
        chance = random.Random(7)
        texts = [text for name, text in shapes(length).items() if name.startswith("''")]
        for _ in range(12):
            near = near_match(form, chance, length // 2)
            texts += [near[:length], near[: length - 1] + "\x00", (near_match(form, chance, 1) * length)[:length]]
        uses: tuple[Callable[[str], object], ...] = (
            (pattern.findall, pattern.fullmatch) if searched else (pattern.fullmatch, pattern.match)
        )
        for use in uses:
            for text in texts:
                most = max(most, processor_seconds(lambda use=use, text=text: use(text)))  # type: ignore[misc]
                if most > MOST_SECONDS:
                    return most
    return most


def test_no_pattern_is_kept_busy_by_a_text() -> None:
    known = {(pattern, searched): name for name, pattern, searched in patterns()}
    assert len(known) > 20
    took = {name: slowest(pattern, searched=searched) for (pattern, searched), name in known.items()}
    slow = {name: seconds for name, seconds in took.items() if seconds > MOST_SECONDS}
    assert slow == {}


@pytest.mark.parametrize(
    "seeded",
    [
        r"\W*(SNW)?\W*([0-9A-Z]{4})(\W*)([0-9A-Z]{4})\W*",
        r"^\s*(\d{1,2})\s*[.)]?\s*$",
        r"(a+)+b",
        r"(?:\w+\s*)+!",
        r"\d+\.?\d*\.?\d*x",
    ],
)
def test_a_pattern_that_can_be_kept_busy_is_noticed(seeded: str) -> None:
    assert slowest(re.compile(seeded), searched=False) > MOST_SECONDS
