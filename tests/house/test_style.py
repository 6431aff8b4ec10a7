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
CLOCK_FILES = {"bot/process/clock.py", "simulator/clock.py"}
# The simulator imports no other room, so it cannot ask bot/settings.py where the shared data lies.
ENVIRONMENT_FILES = {"bot/settings.py", "simulator/app.py"}
# The verifier may use the standard library only; a test compares its days with those of domain/wall_clock.py.
DAY_FILES = {"domain/wall_clock.py", "domain/budget/verifier.py"}
COMMIT_FILE = "storage/engine/unit_of_work.py"
LIBRARIES_OF_THE_RULES = {
    "cryptography": "domain/sealing.py",
    "icalendar": "domain/meetings/calendar_file.py",
    "numpy": "domain/budget/equal_shares.py",
    "orjson": "domain/sealing.py",
}


def imports_inside_functions(source: Source) -> Iterator[int]:
    """Imports inside functions hide from the contracts. bot/__main__.py may: it loads one command's module only."""
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


def days_elsewhere(source: Source) -> Iterator[int]:
    """A moment becomes a day by `work.today` or `day_of`: in UTC people's day begins an hour or two late."""
    if source.room in ROOMS and source.name not in DAY_FILES:
        yield from (node.lineno for node in source.nodes if isinstance(node, ast.expr) and _makes_a_day(node))


def no_opening_line(source: Source) -> Iterator[int]:
    """The first line of a file says its role and is complete; more may follow after an empty line."""
    if not re.match(r'"""\S.*\.("""\n|\n\n)', source.text):
        yield 1


def untelling_name(source: Source) -> Iterator[int]:
    """A file is named after what people do there: not `utils` or the like, and not after its folder."""
    folder, _, file = source.name.removesuffix(".py").rpartition("/")
    if UNTELLING.search(source.name) or folder.endswith(f"/{file}"):
        yield 1


def composed_elsewhere(source: Source) -> Iterator[int]:
    """What residents read is composed in `conversations`, where every screen is tried in every language."""
    if source.room in {"services", "handlers", "bot"}:
        made = (node for node in source.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
        yield from (node.lineno for node in made if _called(node)[1] in {"Screen", "Text", "Button"})


def engine_speaks_of_a_subject(source: Source) -> Iterator[int]:
    """The engine uses only the texts of screens.po: it knows no subject."""
    if source.name.startswith("conversations/engine/"):
        words = (node for node in source.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
        keys = (node for node in words if re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_.]+", str(node.value)))
        yield from (node.lineno for node in keys if not str(node.value).startswith("screens."))


def foreign_to_the_rules(source: Source) -> Iterator[int]:
    """`domain` imports the standard library, and each of LIBRARIES_OF_THE_RULES in one file only."""
    if source.room == "domain":
        allowed = sys.stdlib_module_names | {"domain"}
        allowed |= {library for library, file in LIBRARIES_OF_THE_RULES.items() if file == source.name}
        yield from (line for line, name in source.imports if name not in allowed)


def _makes_a_day(node: ast.expr) -> bool:
    """Whether a day is taken out of a moment: by a method, by the database, from its parts, or by formatting."""
    match node:
        case (
            ast.Call(func=ast.Attribute(attr="date"), args=[] | [_])
            | ast.Call(func=ast.Name("date"), args=[_, _, ast.Attribute(attr="day")])
            | ast.Subscript(value=ast.Call(func=ast.Attribute(attr="isoformat")))
        ):
            return True
        case ast.Call(func=ast.Attribute(attr="replace"), keywords=given):
            return "hour" in {one.arg for one in given}
        case ast.Call(func=ast.Attribute(value=value, attr="strftime")):
            return ast.unparse(value) != "time"
        case ast.FormattedValue(value=value, format_spec=ast.JoinedStr(values=[ast.Constant(value=str(form))])):
            # A format that ends in Z says that it is in UTC.
            return "%d" in form and form[-1] != "Z" and not re.match(r"(wall|day)_of\(", ast.unparse(value))
    return False


def _called(call: ast.Call) -> tuple[str, str]:
    """Give the last two names of what is called: `datetime.datetime.now()` is ("datetime", "now")."""
    names = ast.unparse(call.func).split(".")
    return ("", names[0]) if len(names) == 1 else (names[-2], names[-1])


VIOLATIONS: list[tuple[Rule, str, str]] = [
    (imports_inside_functions, "services/signals/reporting.py", '"""A."""\ndef f():\n    import json\n'),
    (imports_inside_functions, "services/signals/reporting.py", '"""A."""\nx = importlib.import_module("json")\n'),
    (commits_elsewhere, "services/signals/reporting.py", '"""A."""\nasync def f(c):\n    await c.commit()\n'),
    (environment_elsewhere, "storage/signals/cases.py", '"""A."""\nx = os.environ["HOME"]\n'),
    (environment_elsewhere, "storage/signals/cases.py", '"""A."""\nfrom os import getenv\n'),
    (clocks_elsewhere, "handlers/clock/signals.py", '"""A."""\nx = datetime.now(UTC)\n'),
    (clocks_elsewhere, "tests/domain/signals/test_workflow.py", '"""A."""\nx = time.time()\n'),
    *(
        (days_elsewhere, name, f'"""A."""\nx = {text}\n')
        for name, text in (
            ("services/signals/reporting.py", "work.now.date()"),
            ("services/signals/reporting.py", "(work.now - KEPT).date()"),
            ("storage/signals/cases.py", "func.date(_signals.c.at)"),
            ("handlers/console/start.py", "work.now.replace(hour=0, minute=0)"),
            ("bot/commands/backup.py", "date(now.year, now.month, now.day)"),
            ("services/budget/publishing.py", "row.opens_at.isoformat()[:10]"),
            ("services/budget/publishing.py", 'row.opens_at.strftime("%d.%m.%Y")'),
            ("services/budget/publishing.py", 'f"{row.opens_at:%d.%m.%Y}"'),
        )
    ),
    (no_opening_line, "domain/signals/workflow.py", "import json\n"),
    (no_opening_line, "domain/signals/workflow.py", '"""A role told\non two lines."""\n'),
    (untelling_name, "services/text_utils.py", '"""A."""\n'),
    (untelling_name, "handlers/common/signals.py", '"""A."""\n'),
    (untelling_name, "services/budget/budget.py", '"""A."""\n'),
    (composed_elsewhere, "services/signals/casework.py", '"""A."""\nx = Text("signals.news.title")\n'),
    (composed_elsewhere, "handlers/chat/front.py", '"""A."""\nx = Screen(lines)\n'),
    (engine_speaks_of_a_subject, "conversations/engine/flow.py", '"""A."""\nx = Text("report.story.ask")\n'),
    (foreign_to_the_rules, "domain/signals/workflow.py", '"""A."""\nimport pydantic\n'),
    (foreign_to_the_rules, "domain/signals/workflow.py", '"""A."""\nfrom cryptography import x509\n'),
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
