"""FIDELITY.md is true: every behaviour names its source and tests that exist."""

import ast
import re
from pathlib import Path

from tests.parts import ROOT

SOURCES = ("server", "spec", "FAQ", "known", "guess", "unlike the real one", "not built", "ours")


def rows() -> list[tuple[str, str, str]]:
    """(behaviour, source, tests) of each row."""
    lines = (ROOT / "simulator" / "FIDELITY.md").read_text().splitlines()
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    return [(row[0], row[1], row[2]) for row in cells if row[0] not in ("behaviour", "---")]


def written_tests() -> set[str]:
    """Names of all tests of this folder."""
    trees = [ast.parse(path.read_text()) for path in Path(__file__).parent.glob("test_*.py")]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for tree in trees for node in tree.body if isinstance(node, functions)}


def test_every_behaviour_has_its_test() -> None:
    named = {name for *_, tests in rows() for name in re.findall(r"`(test_\w+)`", tests)}
    assert named - written_tests() == set()
    assert [behaviour for behaviour, _, tests in rows() if "`test_" not in tests] == []
    assert len(rows()) > 60


def test_every_behaviour_names_its_source() -> None:
    assert [behaviour for behaviour, source, _ in rows() if not source.startswith(SOURCES)] == []
