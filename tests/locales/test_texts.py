"""Texts in each language: plurals, values, the fallback to Dutch, dates, money, lists and recordings."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from locales import texts
from locales.texts import BrokenCatalogueError, Texts

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON_IN_SUMMER = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)

# The index of the plural form that each language takes for each of these numbers, in their order.
NUMBERS = (0, 1, 2, 3, 5, 11, 21, 22, 100)
FORMS = {
    "nl": (1, 0, 1, 1, 1, 1, 1, 1, 1),
    "en": (1, 0, 1, 1, 1, 1, 1, 1, 1),
    "tr": (0, 0, 0, 0, 0, 0, 0, 0, 0),
    "ar": (0, 1, 2, 3, 3, 4, 4, 4, 5),
}
HOW_MANY = {"nl": 2, "en": 2, "tr": 1, "ar": 6}
assert set(FORMS) == set(HOW_MANY) == set(texts.LANGUAGES), "give the new language its forms above"


def folder_of(folder: Path, messages: dict[str, str]) -> Path:
    """Write a catalogue for each language into `folder`: our own header, and the messages given for that language."""
    for language in texts.LANGUAGES:
        header = (texts.FOLDER / language / "screens.po").read_text(encoding="utf-8").split("\n\n")[0]
        (folder / language).mkdir()
        (folder / language / "report.po").write_text(f"{header}\n\n{messages.get(language, '')}", encoding="utf-8")
    return folder


def message(text: str, key: str = "report.story.ask") -> str:
    return f'msgid "{key}"\nmsgstr "{text}"\n\n'


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_each_number_takes_the_languages_own_plural_form(tmp_path: Path, language: str) -> None:
    plurals = {
        name: 'msgid "report.mine.number"\nmsgid_plural "report.mine.number"\n'
        + "".join(f'msgstr[{form}] "form {"abcdef"[form]}"\n' for form in range(HOW_MANY[name]))
        for name in texts.LANGUAGES
    }
    spoken = Texts(folder_of(tmp_path, plurals))
    said = tuple(texts.bare(spoken.say(language, "report.mine.number", count=n)) for n in NUMBERS)
    assert said == tuple(f"form {'abcdef'[form]}" for form in FORMS[language])


def test_values_and_counts_are_filled_in(tmp_path: Path) -> None:
    plural = (
        'msgid "report.mine.number"\nmsgid_plural "report.mine.number"\n'
        'msgstr[0] "{name}: {count} melding"\nmsgstr[1] "{name}: {count} meldingen"\n'
    )
    spoken = Texts(folder_of(tmp_path, {"nl": message("Je code is {code}.") + plural}))
    assert spoken.say("nl", "report.story.ask", {"code": "{name} <3"}) == "Je code is {name} <3."
    assert spoken.say("nl", "report.mine.number", {"name": "Oost"}, 1234) == "Oost: 1.234 meldingen"
    assert spoken.keys() == {"report.story.ask", "report.mine.number"}


def test_an_unknown_key_a_missing_value_and_a_wrong_count_are_named(tmp_path: Path) -> None:
    spoken = Texts(folder_of(tmp_path, {"nl": message("Je code is {code}.")}))
    with pytest.raises(KeyError, match=r"report\.story\.asked"):
        spoken.say("en", "report.story.asked")
    with pytest.raises(KeyError, match=r"report\.story\.ask has no value for \{code\}"):
        spoken.say("nl", "report.story.ask")
    with pytest.raises(ValueError, match=r"report\.story\.ask takes no count"):
        spoken.say("nl", "report.story.ask", {"code": "7"}, count=2)


def test_what_no_native_speaker_has_read_yet_is_said_all_the_same(tmp_path: Path) -> None:
    spoken = Texts(folder_of(tmp_path, {"nl": message("Vertel"), "tr": "#, fuzzy\n" + message("Anlatın")}))
    assert spoken.say("tr", "report.story.ask") == "Anlatın"


@pytest.mark.parametrize("unfinished", ["", message("")])
def test_what_a_language_lacks_is_said_in_dutch(tmp_path: Path, unfinished: str) -> None:
    spoken = Texts(folder_of(tmp_path, {"nl": message("Vertel"), "en": message("Tell us"), "tr": unfinished}))
    assert spoken.say("en", "report.story.ask") == "Tell us"
    assert spoken.say("tr", "report.story.ask") == "Vertel"


def test_a_broken_catalogue_is_named_with_its_line(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"tr": 'msgid "report.story.ask"\nmsgst "Anlatın"\n'})
    with pytest.raises(BrokenCatalogueError, match=r"tr/report\.po:9"):
        Texts(folder)


def test_a_language_without_catalogues_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nl"):
        Texts(tmp_path)


@pytest.mark.parametrize(
    ("code", "language"),
    [("nl", "nl"), ("tr", "tr"), ("ar-MA", "ar"), ("EN_us", "en"), ("pt-BR", "nl"), ("", "nl"), (None, "nl")],
)
def test_the_nearest_language_is_the_base_of_the_code_or_dutch(code: str | None, language: str) -> None:
    assert texts.nearest(code) == language


def test_each_language_has_a_name_in_its_own_script() -> None:
    assert list(texts.NAMES) == list(texts.LANGUAGES)
    assert texts.NAMES["ar"] == "العربية"


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("nl", "1 augustus 2026", "1 juli 2026 om 12:00"),
        ("en", "1 August 2026", "1 July 2026 at 12:00"),
        ("tr", "1 Ağustos 2026", "1 Temmuz 2026, saat 12:00"),
        ("ar", "1 غشت 2026", "1 يوليوز 2026 في الساعة 12:00"),
    ],
)
def test_days_and_moments_are_written_as_the_language_writes_them(language: str, day: str, moment: str) -> None:
    assert texts.day(language, date(2026, 8, 1)) == day
    assert texts.bare(texts.moment(language, NOON_IN_SUMMER, AMSTERDAM)) == moment


def test_a_moment_falls_on_the_day_and_hour_of_the_zone() -> None:
    last_minute = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert texts.moment("nl", last_minute, AMSTERDAM) == "1 januari 2027 om 00:30"
    with pytest.raises(ValueError, match="without a time zone"):
        texts.hour("nl", datetime(2026, 1, 1, 12, 0), AMSTERDAM)  # noqa: DTZ001 - the fault itself


@pytest.mark.parametrize(
    ("language", "money", "number", "listing"),
    [
        ("nl", "€ 1.250,50", "12.345", "a, b en c"),
        ("en", "€1,250.50", "12,345", "a, b and c"),
        ("tr", "€1.250,50", "12.345", "a, b ve c"),
        ("ar", "1.250,50 €", "12.345", "a وb وc"),
    ],
)
def test_money_numbers_and_lists_follow_the_language(language: str, money: str, number: str, listing: str) -> None:
    assert texts.bare(texts.money(language, 125050)).replace("\u00a0", " ") == money
    assert texts.number(language, 12345) == number
    assert texts.bare(texts.listing(language, ["a", "b", "c"])) == listing


def test_a_recording_is_found_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    monkeypatch.setattr(texts, "has", lambda key: key == "screens.sorry.text")
    (tmp_path / "rif" / "voice").mkdir(parents=True)
    kept = tmp_path / "rif" / "voice" / "screens.sorry.text.ogg"
    kept.write_bytes(b"OggS")
    assert texts.recording("rif", "screens.sorry.text") == kept
    assert texts.recording("nl", "screens.sorry.text") is None
    assert texts.recording("../rif", "screens.sorry.text") is None
    assert texts.recording("rif", "../../secret") is None


@pytest.mark.parametrize(
    ("language", "money"), [("nl", "€ 50.000"), ("en", "€50,000"), ("tr", "€50.000"), ("ar", "50.000 €")]
)
def test_an_amount_without_cents_is_written_without(language: str, money: str) -> None:
    assert texts.bare(texts.money(language, 5_000_000)).replace("\u00a0", " ") == money
