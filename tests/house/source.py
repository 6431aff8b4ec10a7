"""The files of this repository and their syntax trees, which the rules in this folder look at."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.parts import ROOT

ROOMS = ("bot", "handlers", "conversations", "services", "domain", "storage", "locales", "simulator")
NOT_OURS = {".git", ".venv", "__pycache__", "node_modules", "data", "keys"}


@dataclass(frozen=True)
class Source:
    """One Python file: `name` is its path from the root of the checkout."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @property
    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the tree."""
        return ast.walk(self.tree)

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """Every import: (line number, top-level package)."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, (node.module or "").partition(".")[0]

    @property
    def room(self) -> str:
        """The top-level folder that the file lies in."""
        return self.name.partition("/")[0]


def our_files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the checkout but caches, data and what is installed. Works without git and in any clone."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name.endswith("_cache") or path.name in NOT_OURS | {".hypothesis"}:
            continue
        if path.is_dir():
            yield from our_files(path)
        else:
            yield path


def sources() -> list[Source]:
    """Every Python file of the house, its tests and benchmarks."""
    return [
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in our_files()
        if path.suffix == ".py"
    ]
