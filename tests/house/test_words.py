"""One word, one meaning: no two classes of the house share a name."""

import ast
from collections import defaultdict
from collections.abc import Iterable

from tests.house.source import ROOMS, Source, sources

# The simulator is a program of its own, and the verifier is handed out as one file with words of its own.
APART = {"domain/budget/verifier.py"}
HOUSE = set(ROOMS) - {"simulator"}


def named_twice(found: Iterable[Source]) -> dict[str, list[str]]:
    """Class names that several files define -> the files. A name that begins with _ belongs to its file alone."""
    names: dict[str, list[str]] = defaultdict(list)
    for source in found:
        if source.room in HOUSE and source.name not in APART:
            for node in source.tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    names[node.name].append(source.name)
    return {name: files for name, files in names.items() if len(files) > 1}


def test_no_two_classes_share_a_name() -> None:
    assert named_twice(sources()) == {}, "two meanings need two words; a table is called …Table, a row of it …Row"


def test_a_name_that_stands_twice_is_found() -> None:
    plans = [Source("domain/plans.py", "class Plan: ..."), Source("storage/plans.py", "class Plan: ...")]
    assert named_twice(plans) == {"Plan": ["domain/plans.py", "storage/plans.py"]}
