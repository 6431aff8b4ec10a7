"""Which text keys the code uses, found in its string literals and in the console's templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from locales.catalogue_rules import KEY

# Keys that the code puts together from a part it knows and a part it looks up: f"commands.menu.{command}".
PREFIXES: tuple[str, ...] = (
    "budget.corrected.",
    "budget.more_time.",
    "commands.menu.",
    "console.about.",
    "console.asked_what.meeting_",
    "console.asked_what.round_",
    "console.broadcast_act.",
    "console.broadcast_done.",
    "console.broadcast_fate.",
    "console.broadcast_missing.",
    "console.broadcast_opens.",
    "console.broadcast_problem.",
    "console.broadcast_state.",
    "console.confirm_second.",
    "console.codeclass.",
    "console.codes.",
    "console.correction.",
    "console.done.",
    "console.halted.",
    "console.kind.",
    "console.meeting_done.",
    "console.meeting_rule.",
    "console.meeting_state.",
    "console.meeting_status.",
    "console.meeting_wrong.",
    "console.moretime.",
    "console.notcorrected.",
    "console.notextended.",
    "console.notmoved.",
    "console.reason.",
    "console.reporter.",
    "console.role.",
    "console.rounddone.",
    "console.roundstate.",
    "console.roundto.",
    "console.rule.",
    "console.status.",
    "console.wrong.",
    "meetings.left.",
    "replies.standard.",
    "report.reader.",
    "results.corrected.",
    "results.group.",
    "results.reason.",
    "results.rule.",
    "results.sum.",
    "results.time.",
    "signals.kind.",
)

ROOMS = ("bot", "handlers", "conversations", "services", "domain", "storage")
_PREFIX = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_.]*")
_QUOTED = re.compile(r"""(["'])([a-z0-9_.]+)\1""")


class Usage(NamedTuple):
    """A key, or (not `whole`) the beginning of one, in the code. where: file:line · on_button: it labels a button."""

    where: str
    text: str
    whole: bool
    on_button: bool


def usages(root: Path) -> list[Usage]:
    """Every literal in the code that has the shape of a key or of the beginning of one."""
    found: list[Usage] = []
    paths = [path for room in ROOMS for path in sorted((root / room).rglob("*.py"))]
    for path in [*paths, root / "locales" / "texts.py"]:
        if path.exists():
            found += _in_code(str(path.relative_to(root)), ast.parse(path.read_text(encoding="utf-8")))
    for path in sorted((root / "handlers").rglob("templates/**/*")):
        if path.is_file():
            found += _in_template(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
    return found


def labels(found: list[Usage]) -> frozenset[str]:
    """The keys that the code puts on buttons."""
    return frozenset(usage.text for usage in found if usage.whole and usage.on_button)


def usage_findings(found: list[Usage], keys: frozenset[str], prefixes: tuple[str, ...]) -> Iterator[str]:
    """Keys that are used but missing, keys that nothing uses, and beginnings that PREFIXES does not declare."""
    deeds = {key.split(".")[0] for key in keys}
    whole = {usage.text for usage in found if usage.whole}
    begun = {usage.text for usage in found if not usage.whole}
    for usage in found:
        if usage.text.split(".")[0] not in deeds:
            continue
        if usage.whole and usage.text not in keys:
            yield f"{usage.where} {usage.text}: the code uses it, Dutch does not have it"
        if not usage.whole and usage.text not in prefixes:
            yield f"{usage.where} {usage.text}: declare it in PREFIXES of locales/key_usage.py"
    for prefix in prefixes:
        if prefix not in begun:
            yield f"locales/key_usage.py {prefix}: no code puts a key together from it"
    for key in sorted(keys - whole):
        if not key.startswith(prefixes):
            yield f"locales/nl {key}: no code uses it"


def _in_code(path: str, tree: ast.Module) -> Iterator[Usage]:
    first_parts = {id(node.values[0]) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and node.values}
    on_buttons = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and "button" in _name(node.func).lower()
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _shaped(f"{path}:{node.lineno}", node.value, id(node) in first_parts, id(node) in on_buttons)


def _name(function: ast.expr) -> str:
    return str(getattr(function, "attr", getattr(function, "id", "")))


def _in_template(path: str, text: str) -> Iterator[Usage]:
    for number, line in enumerate(text.splitlines(), 1):
        for _, quoted in _QUOTED.findall(line):
            yield from _shaped(f"{path}:{number}", quoted, False, False)


def _shaped(where: str, text: str, opens_f_string: bool, on_button: bool) -> Iterator[Usage]:
    if (opens_f_string or text.endswith(".")) and _PREFIX.fullmatch(text):
        yield Usage(where, text, whole=False, on_button=on_button)
    elif KEY.fullmatch(text):
        yield Usage(where, text, whole=True, on_button=on_button)
