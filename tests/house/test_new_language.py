"""A new language takes one folder of catalogues and one line: tried with a made-up language in a copy of the code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOMS
from tests.parts import ROOT

CODE, MARK = "xx", "§"
LINE = f'    Language("{CODE}", "Vijfde", "de_DE", _TWO),\n'
SAID = re.compile(r'^(msgstr(?:\[\d\])? (?:""\n)?")', re.MULTILINE)
PROBE = f"""
from conversations.engine.facts import Deployment
from conversations.people import menu
from conversations.signals import followed
from handlers.telegram.render import render
from locales.texts import LANGUAGES, NAMES
house = Deployment("Stichting Voorbeeld", "020 555 0100")
assert LANGUAGES[-1] == "{CODE}"
assert NAMES["{CODE}"] in str(render(menu.language_choice("nl", house), "nl").keyboard)
assert "{MARK}" in render(menu.language_choice("nl", house), "nl").html
screens = (menu.warning(house), menu.main(unfinished=True), menu.unfinished(), menu.privacy(house),
           menu.explanation(house), menu.settings(), followed.my_signals([], 0))
for screen in screens:
    shown = render(screen, "{CODE}")
    assert all(part.startswith("{MARK}") for part in shown.html.split("\\n\\n")), shown.html
    assert all(button["text"].lstrip("0123456789. ").startswith(("{MARK}", *NAMES.values()))
               for row in shown.keyboard for button in row), shown.keyboard
"""


def run(house: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=house, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code base with one more language: the English texts, each with MARK before it."""
    copy = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "locales" / CODE).mkdir()
    for source in (copy / "locales" / "en").glob("*.po"):
        head, _, rest = source.read_text(encoding="utf-8").partition("\n\n")
        text = head.replace("Language: en", f"Language: {CODE}") + "\n\n" + SAID.sub(rf"\1{MARK}", rest)
        (copy / "locales" / CODE / source.name).write_text(text, encoding="utf-8")
    languages = copy / "locales" / "languages.py"
    text = languages.read_text(encoding="utf-8")
    assert text.count("\n)\n# Spoken") == 1
    languages.write_text(text.replace("\n)\n# Spoken", f"\n{LINE})\n# Spoken"), encoding="utf-8")
    return copy


def test_every_first_screen_is_there_in_the_new_language(house: Path) -> None:
    done = run(house, "-c", PROBE)
    assert done.returncode == 0, done.stderr


def test_the_check_of_the_catalogues_reads_it_too(house: Path) -> None:
    path = house / "locales" / CODE / "people.po"
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace('msgid "people.language.ask"', 'msgid "people.language.asks"'), encoding="utf-8")
    done = run(house, "-m", "locales.check")
    path.write_text(right, encoding="utf-8")
    assert done.returncode == 1
    assert f"{CODE}" in done.stdout
    assert "people.language.ask" in done.stdout


def test_a_folder_without_its_line_is_noticed(house: Path) -> None:
    languages = house / "locales" / "languages.py"
    right = languages.read_text(encoding="utf-8")
    languages.write_text(right.replace(LINE, ""), encoding="utf-8")
    done = run(house, "-m", "locales.check")
    languages.write_text(right, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert f"locales/{CODE}" in done.stdout
