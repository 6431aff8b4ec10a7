"""`python -m locales.check`: checks the catalogues. One line a finding; exit status 1 when there is one.

--coverage       writes the table of docs/languages.md: which language has how much, and who reviewed it
--missing-voice  names every text that nobody has recorded yet, as language and key; exit status 0
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from locales.catalogue_rules import BUTTON, Catalogue, form_findings, read, translation_findings
from locales.key_usage import PREFIXES, labels, usage_findings, usages
from locales.languages import SPOKEN
from locales.plain_language import faults
from locales.texts import LANGUAGES, NAMES, SOURCE, direction

ROOT = Path(__file__).parent.parent
_OPEN, _CLOSE = "<!-- coverage -->", "<!-- /coverage -->"


def findings(root: Path, prefixes: tuple[str, ...] = PREFIXES) -> list[str]:
    """Everything that is wrong with the catalogues under `root`, which holds `locales/` and the code.

    `prefixes`: beginnings of keys that the code may complete at run time.
    """
    catalogues, broken = read(root)
    if broken:
        return broken
    used = usages(root)
    return [
        *form_findings(catalogues, labels(used)),
        *translation_findings(catalogues),
        *plain_findings(catalogues),
        *usage_findings(used, _keys(catalogues), prefixes),
    ]


def plain_findings(catalogues: list[Catalogue]) -> Iterator[str]:
    """Where the Dutch is not plain, one line a finding."""
    for catalogue in catalogues:
        for entry in catalogue.entries if catalogue.language == SOURCE else ():
            for form in entry.forms:
                yield from (f"{catalogue.path}:{entry.line} {entry.key}: {fault}" for fault in faults(form))


def missing_voice(root: Path) -> Iterator[str]:
    """`language key` for each spoken text without a recording; buttons, toasts, menus and staff pages have none."""
    catalogues, _ = read(root)
    for language in (*LANGUAGES, *SPOKEN):
        for key in _spoken(catalogues):
            if not _recording(root, language, key).is_file():
                yield f"{language} {key}"


def coverage(root: Path) -> str:
    """The table of docs/languages.md."""
    catalogues, _ = read(root)
    total, spoken = len(_keys(catalogues)), _spoken(catalogues)
    lines = [
        "| language | code | direction | texts | reviewed by a native speaker | recorded |",
        "|---|---|---|---|---|---|",
    ]
    for language in LANGUAGES:
        mine = [entry for c in catalogues if c.language == language for entry in c.entries if all(entry.forms)]
        reviewed = sum(note.startswith("reviewed by ") for entry in mine for note in entry.notes)
        lines.append(
            f"| {NAMES[language]} | {language} | {direction(language)} | {len(mine)} of {total} | {reviewed} "
            f"| {_recorded(root, language, spoken)} of {len(spoken)} |"
        )
    for language, name in SPOKEN.items():
        lines.append(f"| {name} | {language} | – | spoken | – | {_recorded(root, language, spoken)} of {len(spoken)} |")
    return "\n".join(lines)


def with_coverage(page: str, table: str) -> str:
    """The page with this table between its two marks. Raises ValueError where the page has no marks."""
    before, opened, rest = page.partition(_OPEN)
    _, closed, after = rest.partition(_CLOSE)
    if not (opened and closed):
        raise ValueError(f"docs/languages.md needs {_OPEN} and {_CLOSE}")
    return f"{before}{_OPEN}\n{table}\n{_CLOSE}{after}"


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run the command. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m locales.check")
    parser.add_argument("--coverage", action="store_true", help="write the table of docs/languages.md")
    parser.add_argument("--missing-voice", action="store_true", help="name the texts that nobody has recorded")
    asked = parser.parse_args(arguments)
    if asked.coverage:
        page = root / "docs" / "languages.md"
        page.write_text(with_coverage(page.read_text(encoding="utf-8"), coverage(root)), encoding="utf-8")
        return 0
    found = list(missing_voice(root)) if asked.missing_voice else findings(root)
    print("\n".join(found or ["nothing is missing" if asked.missing_voice else "the catalogues are right"]))
    return 1 if found and not asked.missing_voice else 0


def _keys(catalogues: list[Catalogue]) -> frozenset[str]:
    return frozenset(entry.key for c in catalogues if c.language == SOURCE for entry in c.entries)


def _spoken(catalogues: list[Catalogue]) -> list[str]:
    silent = ("commands.", "console.")
    keys = (key for key in _keys(catalogues) if not key.startswith(silent))
    return sorted(key for key in keys if not BUTTON.fullmatch(key) and not key.endswith(".toast"))


def _recorded(root: Path, language: str, keys: list[str]) -> int:
    return sum(_recording(root, language, key).is_file() for key in keys)


def _recording(root: Path, language: str, key: str) -> Path:
    return root / "locales" / language / "voice" / f"{key}.ogg"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
