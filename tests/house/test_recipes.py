"""The recipes of CONTRIBUTING.md, carried out as written on a copy of the code; test_new_language.py tries that one."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from locales.texts import LANGUAGES
from tests.house.source import our_files
from tests.parts import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^`(?P<file>[^`\n]+)`, "
    r"(?P<where>a new file|at its end[^:\n]*|(?:before|after|in place of) `(?P<anchor>[^\n]+)`):\n"
    r"```\w+\n(?P<content>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# Recipe -> the tests that are run besides its own.
PROVED_BY = {
    "A new step in a conversation": ["tests/conversations/signals/test_report_signal.py"],
    "A new kind of signal": ["tests/conversations/test_screens.py", "tests/conversations/signals/test_kinds.py"],
    "A new page": ["tests/house/test_map.py", "tests/handlers/console/test_matrix.py::test_every_page_has_its_row"],
    "A new language": [],
    "A new subject": ["tests/house/test_subjects.py"],
}


@dataclass(frozen=True)
class Block:
    """One change of a recipe: the file, the place in it, and the text."""

    file: str
    where: str
    anchor: str | None
    content: str

    def put(self, house: Path) -> None:
        """Make the change in `house`, a copy of the code. AssertionError when the anchor is not there exactly once."""
        for name in {self.file.replace("/nl/", f"/{language}/") for language in LANGUAGES}:
            path = house / name
            if self.where == "a new file":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self.content, encoding="utf-8")
                continue
            text = path.read_text(encoding="utf-8")
            path.write_text(self._placed(text), encoding="utf-8")

    def _placed(self, text: str) -> str:
        if self.anchor is None:
            return text + self.content
        assert text.count(self.anchor) == 1, (
            f"{self.anchor!r} stands {text.count(self.anchor)} times in {self.file}: "
            "choose another line in CONTRIBUTING.md"
        )
        if self.where.startswith("in place of"):
            return text.replace(self.anchor, self.content.rstrip("\n"))
        start = text.index(self.anchor)
        line = text.rindex("\n", 0, start) + 1 if self.where.startswith("before") else text.index("\n", start) + 1
        return text[:line] + self.content + text[line:]


def recipes() -> dict[str, list[Block]]:
    """Heading -> the changes of that recipe."""
    parts = re.split(r"^### (.+)$", TEXT.partition("## Recipes\n")[2], flags=re.MULTILINE)[1:]
    return {
        heading: [Block(one["file"], one["where"], one["anchor"], one["content"]) for one in BLOCK.finditer(text)]
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def run(house: Path, *command: str) -> None:
    """Run `python -m COMMAND` in `house`; AssertionError when it fails."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=house, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"


def test_every_block_is_read_and_every_recipe_is_proved() -> None:
    found = recipes()
    assert set(found) == set(PROVED_BY)
    assert sum(map(len, found.values())) == TEXT.count("\n```\n") > 30


@pytest.mark.parametrize("heading", [heading for heading in PROVED_BY if heading != "A new language"])
def test_the_recipe_does_what_it_says(heading: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    for source in our_files():
        target = house / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for block in recipes()[heading]:
        block.put(house)
    if heading == "A new subject":
        run(house, "storage.migrations", "wishes")
        run(house, "ruff", "format", "-q", "storage/migrations")
    run(house, "ruff", "check", "-q", "--fix", ".")  # imports in order
    run(house, "locales.check")
    own = [block.file for block in recipes()[heading] if Path(block.file).name.startswith("test_")]
    run(house, "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql", *own, *PROVED_BY[heading])
    if heading == "A new subject":
        linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        done = subprocess.run(
            [sys.executable, "-c", linter, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
