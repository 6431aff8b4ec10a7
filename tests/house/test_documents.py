"""The documents keep their form: decisions say why, the glossary has one code word for a Dutch one, links work."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.settings import PREFIX, read_settings
from tests.parts import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PARTS = ["Context", "Decision", "Consequences", "Alternatives"]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_tells_context_decision_consequences_and_alternatives(page: Path) -> None:
    sections = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert sections[::2] == PARTS
    assert all(len(section.split()) >= 10 for section in sections[1::2])
    assert "**" in sections[3], "the line that people will quote stands in bold"


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert len(DECISIONS) >= 5


def test_the_glossary_has_one_code_word_for_each_dutch_word() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[1:]
    for column in zip(*rows, strict=True):
        assert len(set(column)) == len(column) >= 20


def test_operations_names_every_setting_once() -> None:
    class Asked(dict[str, str]):
        """An empty environment that remembers what it was asked for."""

        def get(self, name: str, default: Any = None) -> Any:
            return super().setdefault(name, default)

    asked = Asked()
    read_settings(asked)
    wanted = {name.removeprefix(PREFIX) for name in asked if not name.endswith("_FILE")}
    rows = re.findall(r"^\| (`[A-Z].*?) \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(wanted)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
