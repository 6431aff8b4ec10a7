"""Right-to-left texts on a phone: codes and Latin words stay whole, and each line starts from the right."""

from pathlib import Path
from unicodedata import bidirectional

import pytest

from locales import texts
from locales.texts import Texts
from tests.locales.test_texts import folder_of, message

OPEN, CLOSE, MARK = "\u2068", "\u2069", "\u200f"


def say(folder: Path, language: str, text: str, values: dict[str, str | int] | None = None) -> str:
    both = {"nl": message(text), language: message(text)}
    return Texts(folder_of(folder, both)).say(language, "report.story.ask", values)


def test_only_arabic_runs_from_right_to_left() -> None:
    assert {language for language in texts.LANGUAGES if texts.direction(language) == "rtl"} == {"ar"}


@pytest.mark.parametrize(
    "value", ["SNW-7K2M-Q9RX", "Wildemanbuurt", "0900-8844", "14:30", "1 غشت 2026", "https://x.nl/a"]
)
def test_codes_latin_words_and_numbers_with_signs_are_isolated_in_arabic(tmp_path: Path, value: str) -> None:
    assert say(tmp_path, "ar", "الرمز {code}.", {"code": value}) == f"الرمز {OPEN}{value}{CLOSE}."


@pytest.mark.parametrize("value", ["112", "الحي"])
def test_bare_numbers_and_arabic_words_need_no_isolation(tmp_path: Path, value: str) -> None:
    assert say(tmp_path, "ar", "الرمز {code}.", {"code": value}) == f"الرمز {value}."


def test_an_arabic_name_is_isolated_in_dutch_and_a_dutch_one_is_not(tmp_path: Path) -> None:
    said = say(tmp_path, "nl", "Van {one} en {two}", {"one": "مريم", "two": "Miriam"})
    assert said == f"Van {OPEN}مريم{CLOSE} en Miriam"


@pytest.mark.parametrize("run", ["/wis", "Meld Misdaad Anoniem", "Nieuw-West", "Discriminatie.nl", "SNW-XXXX-XXXX"])
def test_latin_words_of_the_text_itself_are_isolated(tmp_path: Path, run: str) -> None:
    assert say(tmp_path, "ar", f"اكتب {run}.") == f"اكتب {OPEN}{run}{CLOSE}."


def test_every_line_starts_from_the_right(tmp_path: Path) -> None:
    said = say(tmp_path, "ar", r"{place}\nالحي\n\n🔊 112", {"place": "Slotervaart"})
    assert said.split("\n") == [f"{MARK}{OPEN}Slotervaart{CLOSE}", "الحي", "", f"{MARK}🔊 112"]


def test_each_line_of_somebodys_words_is_isolated_by_itself() -> None:
    assert texts.isolate("een\n\ntwee") == f"{OPEN}een{CLOSE}\n\n{OPEN}twee{CLOSE}"


def test_words_typed_without_marks_equal_the_button_they_mean() -> None:
    assert texts.bare(f"{MARK}{OPEN}Slotervaart{CLOSE}") == "Slotervaart"


def test_every_arabic_text_of_the_house_starts_from_the_right() -> None:
    entries = [entry for path in sorted((texts.FOLDER / "ar").glob("*.po")) for entry in texts.entries(path)]
    assert entries
    for entry in entries:
        values = {name: "Osdorp" for form in entry.forms for name in texts.PLACEHOLDER.findall(form)}
        said = texts.say("ar", entry.key, values, count=3 if entry.plural_key else None)
        for line in filter(None, said.split("\n")):
            first = next((kind for kind in map(bidirectional, line) if kind in {"L", "R", "AL"}), None)
            assert first in {"R", "AL"}, f"{entry.key}: {line}"
