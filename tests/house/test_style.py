"""The house style that no linter knows; every rule is shown to catch its own violation."""

import ast
import re
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.house.source import ROOMS, Source, sources

Rule = Callable[[Source], Iterator[int]]

UNTELLING = re.compile(r"(^|[/_])(utils?|helpers?|common|base|managers?|service|models|misc)(_|/|\.py$)")
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
CLOCK_FILES = {"bot/clock.py", "simulator/clock.py"}
# The simulator imports no other room, so it cannot ask bot/settings.py where the shared data lies.
ENVIRONMENT_FILES = {"bot/settings.py", "simulator/app.py"}
COMMIT_FILE = "storage/unit_of_work.py"
LIBRARIES_OF_THE_RULES = {
    "cryptography": "domain/sealing.py",
    "numpy": "domain/equal_shares.py",
    "orjson": "domain/sealing.py",
}


def imports_inside_functions(source: Source) -> Iterator[int]:
    """Imports hide there from the contracts. bot/__main__.py may: it loads one command's module only."""
    if source.name == "bot/__main__.py":
        return
    for function in source.nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
    for node in source.nodes:
        if isinstance(node, ast.Call) and _called(node)[1] in {"import_module", "__import__"}:
            yield node.lineno


def commits_elsewhere(source: Source) -> Iterator[int]:
    """One update is one transaction: only the unit of work ends it."""
    if source.room in ROOMS and source.name != COMMIT_FILE:
        yield from (node.lineno for node in source.nodes if isinstance(node, ast.Call) and _called(node)[1] == "commit")


def environment_elsewhere(source: Source) -> Iterator[int]:
    """Every setting has one place, one check and one line of refusal."""
    if source.room in ROOMS and source.name not in ENVIRONMENT_FILES:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
                yield node.lineno
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                yield from (node.lineno for alias in node.names if alias.name in {"environ", "getenv"})


def clocks_elsewhere(source: Source) -> Iterator[int]:
    """`now` is an argument: tests move time over all processes."""
    if source.name not in CLOCK_FILES:
        yield from (node.lineno for node in source.nodes if isinstance(node, ast.Call) and _called(node) in CLOCKS)


def no_opening_line(source: Source) -> Iterator[int]:
    """The first line of a file says its role, whole; more may follow after an empty line."""
    if not re.match(r'"""\S.*\.("""\n|\n\n)', source.text):
        yield 1


def untelling_name(source: Source) -> Iterator[int]:
    """A folder is a floor and a file is a subject: such names are neither."""
    if UNTELLING.search(source.name):
        yield 1


def foreign_to_the_rules(source: Source) -> Iterator[int]:
    """`domain` imports the standard library, and two libraries in one file each."""
    if source.room == "domain":
        allowed = sys.stdlib_module_names | {"domain"}
        allowed |= {library for library, file in LIBRARIES_OF_THE_RULES.items() if file == source.name}
        yield from (line for line, name in source.imports if name not in allowed)


def _called(call: ast.Call) -> tuple[str, str]:
    """Give the last two names of what is called: `datetime.datetime.now()` is ("datetime", "now")."""
    names = ast.unparse(call.func).split(".")
    return ("", names[0]) if len(names) == 1 else (names[-2], names[-1])


VIOLATIONS: list[tuple[Rule, str, str]] = [
    (imports_inside_functions, "services/signals.py", '"""A."""\ndef f():\n    import json\n'),
    (imports_inside_functions, "services/signals.py", '"""A."""\nx = importlib.import_module("json")\n'),
    (commits_elsewhere, "services/signals.py", '"""A."""\nasync def f(c):\n    await c.commit()\n'),
    (environment_elsewhere, "storage/signals.py", '"""A."""\nx = os.environ["HOME"]\n'),
    (environment_elsewhere, "storage/signals.py", '"""A."""\nfrom os import getenv\n'),
    (clocks_elsewhere, "handlers/clock/signals.py", '"""A."""\nx = datetime.now(UTC)\n'),
    (clocks_elsewhere, "tests/rules/test_signals.py", '"""A."""\nx = time.time()\n'),
    (no_opening_line, "domain/signals.py", "import json\n"),
    (no_opening_line, "domain/signals.py", '"""A role told\non two lines."""\n'),
    (untelling_name, "services/text_utils.py", '"""A."""\n'),
    (untelling_name, "handlers/common/signals.py", '"""A."""\n'),
    (foreign_to_the_rules, "domain/signals.py", '"""A."""\nimport pydantic\n'),
    (foreign_to_the_rules, "domain/signals.py", '"""A."""\nfrom cryptography import x509\n'),
]


@pytest.mark.parametrize("rule", dict.fromkeys(rule for rule, _, _ in VIOLATIONS), ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    found = [f"{source.name}:{line}" for source in sources() for line in rule(source)]
    assert not found, f"{rule.__doc__} {found}"


@pytest.mark.parametrize(("rule", "name", "text"), VIOLATIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rule_catches_a_violation(rule: Rule, name: str, text: str) -> None:
    assert list(rule(Source(name, text)))


def test_exactly_one_file_commits() -> None:
    commits = {source.name for source in sources() if source.room in ROOMS and ".commit()" in source.text}
    assert commits == {COMMIT_FILE}
