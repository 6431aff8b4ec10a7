"""The rules for catalogues: well formed, complete, the same places for values, short enough."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from locales.direction import bare
from locales.languages import ALL, SPOKEN
from locales.texts import LANGUAGES, PLACEHOLDER, SOURCE, BrokenCatalogueError, CatalogueEntry, entries

PLURAL_FORMS = {one.code: one.plurals for one in ALL}
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+){2,}")
REVIEWED = re.compile(r"reviewed by \S.*")
BUTTON = re.compile(r".*\.button\..*")
# Characters: Telegram's limits; for buttons, what a small phone shows where a button has a row to itself.
LONGEST = (
    (BUTTON, 32),
    (re.compile(r".*\.toast"), 200),
    (re.compile(r"commands\.menu\..*"), 256),
    (re.compile(r"commands\.bot\.name"), 64),
    (re.compile(r"commands\.bot\.description"), 512),
    (re.compile(r"commands\.bot\.short"), 120),
    (re.compile(r".*"), 3000),
)
_WELL_QUOTED = re.compile(r'(?:msg[a-z_]+(?:\[\d\])? )?"(?:[^"\\]|\\.)*"')
_DOUBLED = re.compile(r'^msgid "(.+)"$', re.MULTILINE)


class Catalogue(NamedTuple):
    """One .po file. path: as findings name it · text: its whole content · entries: its messages."""

    language: str
    path: str
    text: str
    entries: tuple[CatalogueEntry, ...]


def read(root: Path) -> tuple[list[Catalogue], list[str]]:
    """Every catalogue under root/locales that can be read, and a finding for each file or folder that is wrong."""
    catalogues, findings = (
        [],
        [
            f"locales/{path.name}: no line of locales/languages.py names it"
            for path in sorted((root / "locales").iterdir())
            if path.is_dir() and path.name not in {*LANGUAGES, *SPOKEN, "__pycache__"}
        ],
    )
    for language in LANGUAGES:
        for path in sorted((root / "locales" / language).glob("*.po")):
            name, text = str(path.relative_to(root)), path.read_text(encoding="utf-8", errors="replace")
            try:
                catalogues.append(Catalogue(language, name, text, tuple(entries(path))))
            except BrokenCatalogueError as error:
                findings.append(str(error).replace(str(path), name))
    return catalogues, findings


def form_findings(catalogues: Iterable[Catalogue], labels: frozenset[str] = frozenset()) -> Iterator[str]:
    """What is wrong within one file or one language. `labels`: keys that the code puts on buttons."""
    for catalogue in catalogues:
        yield from _file_findings(catalogue)
        for entry in catalogue.entries:
            where = f"{catalogue.path}:{entry.line} {entry.key}:"
            yield from (f"{where} {fault}" for fault in _entry_faults(catalogue.language, entry))
            yield from (f"{where} {fault}" for fault in _text_faults(entry, entry.key in labels))
    for language in LANGUAGES:
        # Babel joins doubles without a word, so they are counted in the text itself.
        found = Counter(key for c in catalogues if c.language == language for key in _DOUBLED.findall(c.text))
        yield from (f"locales/{language} {key}: stands there {n} times" for key, n in found.items() if n > 1)


def translation_findings(catalogues: Iterable[Catalogue]) -> Iterator[str]:
    """Where a language differs from Dutch: missing or extra texts, other values, a text in another file."""
    stand = {(c.language, entry.key): (c.path, entry) for c in catalogues for entry in c.entries}
    source = {key: found for (language, key), found in stand.items() if language == SOURCE}
    for language in LANGUAGES:
        for key, (path, dutch) in source.items():
            here = path.replace(f"locales/{SOURCE}/", f"locales/{language}/")
            if (language, key) not in stand:
                yield f"{here} {key}: is missing"
                continue
            there, entry = stand[language, key]
            if there != here:
                yield f"{there}:{entry.line} {key}: belongs in {here}"
            if (entry.plural_key is None) != (dutch.plural_key is None):
                yield f"{there}:{entry.line} {key}: is a plural in one language only"
            elif _places(entry) != _places(dutch):
                yield f"{there}:{entry.line} {key}: has {_named(entry)}, Dutch has {_named(dutch)}"
    for (language, key), (path, entry) in stand.items():
        if key not in source:
            yield f"{path}:{entry.line} {key}: {language} has it, Dutch does not"


def _file_findings(catalogue: Catalogue) -> Iterator[str]:
    for header in (f"Language: {catalogue.language}", f"Plural-Forms: {PLURAL_FORMS[catalogue.language]}"):
        if f'"{header}\\n"' not in catalogue.text:
            yield f"{catalogue.path}:1 the header must say {header}"
    for number, line in enumerate(map(str.strip, catalogue.text.splitlines()), 1):
        if line.startswith("#~"):
            yield f"{catalogue.path}:{number} holds an old text: take it away"
        elif line and not line.startswith("#") and not _WELL_QUOTED.fullmatch(line):
            yield f"{catalogue.path}:{number} is not a keyword and a text in quotation marks"


def _entry_faults(language: str, entry: CatalogueEntry) -> Iterator[str]:
    if not KEY.fullmatch(entry.key):
        yield "a key is deed.step.part in small letters"
    if not all(form.strip() for form in entry.forms):
        yield "has no text" if len(entry.forms) == 1 else "lacks a plural form"
    if entry.plural_key is not None:
        if entry.plural_key != entry.key:
            yield "msgid_plural must be the key itself"
        if not PLURAL_FORMS[language].startswith(f"nplurals={len(entry.forms)};"):
            yield f"has {len(entry.forms)} plural forms"
    if entry.fuzzy == any(map(REVIEWED.fullmatch, entry.notes)):
        yield "needs the flag '#, fuzzy' until a native speaker has read it, then a comment '# reviewed by NAME'"


def _text_faults(entry: CatalogueEntry, on_button: bool) -> Iterator[str]:
    longest = min(limit for kind, limit in LONGEST if kind.fullmatch(entry.key) or (on_button and kind is BUTTON))
    for form in filter(str.strip, entry.forms):
        rest = PLACEHOLDER.sub("", form)
        if "{" in rest or "}" in rest:
            yield "has a brace that is no {name}"
        if re.search(r"</?[a-z]|&[a-z]+;", rest):
            yield "has markup: texts are plain"
        if bare(form) != form:
            yield "has a direction mark: texts.py sets them"
        if form != form.strip():
            yield "begins or ends with a blank"
        if len(form) > longest:
            yield f"has {len(form)} characters, {longest} at most"
        if (on_button or BUTTON.fullmatch(entry.key)) and not any(map(str.isalpha, form)):
            yield "is a button without words"


def _places(entry: CatalogueEntry) -> set[str]:
    # "One report", "two reports": a plural form may say its number in words.
    found = {name for form in entry.forms for name in PLACEHOLDER.findall(form)}
    return found - {"count"} if entry.plural_key is not None else found


def _named(entry: CatalogueEntry) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(_places(entry))) or "no values"
