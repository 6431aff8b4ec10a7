"""Every text, number, date and amount in the reader's language; the one importer of Babel.

The catalogues are gettext .po files, `locales/<language>/<subject>.po`: the msgid is the text key `deed.step.part`,
the msgstr is the text, a name in braces is a place for a value. Dutch (nl) is the source of meaning.

    say("nl", "report.sent.code", {"code": "SNW-7K2M-Q9RX"})   "Je code is SNW-7K2M-Q9RX."
    say("ar", "report.mine.number", count=3)                   "لديك 3 بلاغات."

Texts are plain: no markup. The caller escapes them where they go into HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_currency, format_decimal

from locales.direction import bare, direction, from_the_right, held, isolate
from locales.languages import ALL, SPOKEN

__all__ = [
    "LANGUAGES",
    "NAMES",
    "BrokenCatalogueError",
    "bare",
    "day",
    "direction",
    "has",
    "hour",
    "isolate",
    "keys",
    "language_names",
    "listing",
    "moment",
    "money",
    "nearest",
    "number",
    "recording",
    "say",
]

LANGUAGES: tuple[str, ...] = tuple(one.code for one in ALL)
NAMES: Mapping[str, str] = {one.code: one.name for one in ALL}
SOURCE = LANGUAGES[0]
FOLDER = Path(__file__).parent

# Times of 24 hours for English readers in Amsterdam; the month names of Morocco for Arabic ones.
_LOCALES: Mapping[str, str] = {one.code: one.locale for one in ALL}
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LATIN = "0-9A-Za-z\u00c0-\u024f"
# A placeholder, or a run of Latin words, codes and numbers: "/wis", "Meld Misdaad Anoniem", "0900-8844".
_PIECE = re.compile(rf"{PLACEHOLDER.pattern}|[/@#]?[{_LATIN}](?:[{_LATIN} _./:@+&'-]*[{_LATIN}])?")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One message of a catalogue as it stands in its file; `forms` has one text, or one for each plural form.

    fuzzy: gettext's mark for a text that no native speaker has read yet. Such a text is used all the same.
    """

    key: str
    plural_key: str | None
    forms: tuple[str, ...]
    notes: tuple[str, ...]
    fuzzy: bool
    line: int


class BrokenCatalogueError(Exception):
    """A .po file that can't be read; the message names the file and the line."""


def entries(path: Path) -> Iterator[CatalogueEntry]:
    """The messages of one .po file. Raises BrokenCatalogueError."""
    for message in _messages(_catalogue(path)):
        key, plural_key = _ids(message)
        yield CatalogueEntry(
            key, plural_key, _forms(message), tuple(message.user_comments), message.fuzzy, message.lineno or 0
        )


class Texts:
    """The texts of one folder of catalogues, read once. A text that a language lacks is said in Dutch."""

    def __init__(self, folder: Path) -> None:
        """Read every catalogue. Raises BrokenCatalogueError, and FileNotFoundError where a language has none."""
        source = _merged(folder, SOURCE)
        self._plural = {_ids(message)[0]: message.pluralizable for message in _messages(source)}
        self._translations = {SOURCE: _compiled(source)}
        for language in LANGUAGES:
            if language != SOURCE:
                self._translations[language] = _compiled(_merged(folder, language))
                self._translations[language].add_fallback(self._translations[SOURCE])

    def keys(self) -> frozenset[str]:
        """Every key that has a Dutch text."""
        return frozenset(self._plural)

    def has(self, key: str) -> bool:
        """Whether there is a text for this key."""
        return key in self._plural

    def say(
        self, language: str, key: str, values: Mapping[str, str | int] | None = None, count: int | None = None
    ) -> str:
        """See `say` below."""
        if key not in self._plural:
            raise KeyError(f"no text {key}")
        if self._plural[key] != (count is not None):
            raise ValueError(f"{key} {'needs a' if count is None else 'takes no'} count")
        translations = self._translations[language]
        if count is None:
            return _filled(language, key, translations.gettext(key), values or {})
        return _filled(language, key, translations.ngettext(key, key, count), {"count": count, **(values or {})})


@cache
def _house() -> Texts:
    return Texts(FOLDER)


def say(language: str, key: str, values: Mapping[str, str | int] | None = None, count: int | None = None) -> str:
    """The text of a key, with its values filled in; `count` chooses the plural form and fills `{count}`.

    An int is written as a number of things (1.234): give a year or a code as a str. In a right-to-left language
    Latin words, codes and numbers with signs are isolated and each line starts from the right. Raises KeyError
    for an unknown key or a missing value, ValueError for a count that is missing or that the key does not take.
    """
    return _house().say(language, key, values, count)


def keys() -> frozenset[str]:
    """Every text key. The first call reads all catalogues and raises BrokenCatalogueError where one is broken."""
    return _house().keys()


def has(key: str) -> bool:
    """Whether there is a text for this key."""
    return _house().has(key)


def nearest(code: str | None) -> str:
    """The language to speak to somebody whose phone says `code` ("tr", "ar-MA", unknown, None); else Dutch."""
    base = re.split("[-_]", code or "")[0].lower()
    return base if base in LANGUAGES else SOURCE


def day(language: str, when: date) -> str:
    """A day: "21 november 2026"."""
    return format_date(when, "long", locale=_LOCALES[language])


def hour(language: str, when: datetime, timezone: ZoneInfo) -> str:
    """The hour of an aware moment in that zone: "14:30"."""
    return format_time(_aware(when), "short", tzinfo=timezone, locale=_LOCALES[language])


def moment(language: str, when: datetime, timezone: ZoneInfo) -> str:
    """An aware moment in that zone: "21 november 2026 om 14:30"."""
    local = _aware(when).astimezone(timezone)
    return say(language, "screens.moment.at", {"day": day(language, local), "hour": hour(language, when, timezone)})


def language_names(code: str) -> Mapping[str, str]:
    """The name of a language by reader's language: {"nl": "Arabisch", "ar": "العربية" …}; its code where unknown."""
    return {reader: str(Locale.parse(locale).languages.get(code, code)) for reader, locale in _LOCALES.items()}


def money(language: str, cents: int) -> str:
    """An amount of euros: "€ 12,50", and "€ 50.000" where there are no cents."""
    locale = Locale.parse(_LOCALES[language])
    form = None if cents % 100 else locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(Decimal(cents) / 100, "EUR", form, locale=locale, currency_digits=bool(cents % 100))


def number(language: str, n: int) -> str:
    """A number of things: "1.234"."""
    return format_decimal(n, locale=_LOCALES[language])


def listing(language: str, items: Sequence[str]) -> str:
    """Items joined as the language joins them: "a, b en c"."""
    return format_list([held(language, item) for item in items], locale=_LOCALES[language])


def recording(language: str, key: str) -> Path | None:
    """The voice recording of a text, in one of LANGUAGES or SPOKEN; None where there is none."""
    if not has(key) or language not in (*LANGUAGES, *SPOKEN):
        return None
    return _recording(FOLDER, language, key)


@cache
def _recording(folder: Path, language: str, key: str) -> Path | None:
    path = folder / language / "voice" / f"{key}.ogg"
    return path if path.is_file() else None


def _filled(language: str, key: str, template: str, values: Mapping[str, str | int]) -> str:
    def piece(found: re.Match[str]) -> str:
        if (name := found[1]) is None:
            return held(language, found[0])
        if name not in values:
            raise KeyError(f"{key} has no value for {{{name}}}")
        given = values[name]
        return held(language, number(language, given) if isinstance(given, int) else given)

    if direction(language) == "ltr":
        return PLACEHOLDER.sub(piece, template)
    return "\n".join(from_the_right(_PIECE.sub(piece, line)) for line in template.split("\n"))


def _aware(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return when


def _catalogue(path: Path) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise BrokenCatalogueError(f"{path}:{error.lineno + 1} {str(error).rpartition(' on ')[0]}") from error
    except (ValueError, LookupError) as error:
        raise BrokenCatalogueError(f"{path}:1 can't be read: {error}") from error


def _merged(folder: Path, language: str) -> Catalog:
    """All messages of a language that have their text, in one catalogue; Plural-Forms are those of its first file."""
    paths = sorted((folder / language).glob("*.po"))
    if not paths:
        raise FileNotFoundError(f"no catalogue in {folder / language}")
    merged = _catalogue(paths[0])
    for path in paths[1:]:
        for message in _messages(_catalogue(path)):
            merged[message.id] = message
    for message in list(_messages(merged)):
        if not all(_forms(message)):
            merged.delete(message.id)
    return merged


def _compiled(catalogue: Catalog) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalogue, use_fuzzy=True)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _ids(message: Message) -> tuple[str, str | None]:
    # Babel types an id loosely; for a plural message it is a pair.
    return (str(message.id[0]), str(message.id[1])) if message.pluralizable else (str(message.id), None)


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)
