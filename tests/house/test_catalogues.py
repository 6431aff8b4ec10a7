"""The catalogues are right, and `locales.check` finds each fault that is put into a small code base of its own."""

import re
from pathlib import Path

import pytest

from locales import texts
from locales.catalogue_rules import LONGEST
from locales.check import ROOT, coverage, findings, main, with_coverage
from locales.plain_language import faults

PREFIXES = ("commands.menu.",)
STORY = {
    "nl": "Vertel wat er is gebeurd.",
    "en": "Tell us what happened.",
    "tr": "Ne olduğunu anlatın.",
    "ar": "أخبرونا بما حدث.",
}
PLURALS = {
    "nl": ("{count} melding", "{count} meldingen"),
    "en": ("{count} report", "{count} reports"),
    "tr": ("{count} bildirim",),
    "ar": ("لا بلاغات", "بلاغ واحد", "بلاغان", "{count} بلاغات", "{count} بلاغا", "{count} بلاغ"),
}
assert set(STORY) == set(PLURALS) == set(texts.LANGUAGES), "give the new language its examples above"
CODE = '''"""A deed."""
ASK = Text("report.story.ask")
SENT = Text("report.sent.code", {"code": code})
MINE = Text("report.mine.number", count=3)
SEND = Button(Text("report.button.send"), answer="send")
MENU = f"commands.menu.{command}"
'''


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small code base without a fault: four languages, five texts, the code that uses them."""
    for language in texts.LANGUAGES:
        header = (ROOT / "locales" / language / "screens.po").read_text(encoding="utf-8").split("\n\n")[0]
        plural = "".join(f'msgstr[{n}] "{form}"\n' for n, form in enumerate(PLURALS[language]))
        path = tmp_path / "locales" / language / "report.po"
        path.parent.mkdir(parents=True)
        path.write_text(
            f"{header}\n\n"
            f'#, fuzzy\nmsgid "report.story.ask"\nmsgstr "{STORY[language]}"\n\n'
            '#, fuzzy\nmsgid "report.sent.code"\nmsgstr "{code}"\n\n'
            f'#, fuzzy\nmsgid "report.button.send"\nmsgstr "{STORY[language].split()[0]}"\n\n'
            '# reviewed by A. Reader\nmsgid "report.mine.number"\nmsgid_plural "report.mine.number"\n'
            f'{plural}\n#, fuzzy\nmsgid "commands.menu.melden"\nmsgstr "{STORY[language]}"\n',
            encoding="utf-8",
        )
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations" / "report.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def spoil(house: Path, name: str, old: str, new: str) -> None:
    path = house / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


NL, TR, AR, DEED = "locales/nl/report.po", "locales/tr/report.po", "locales/ar/report.po", "conversations/report.py"
ASK = '#, fuzzy\nmsgid "report.story.ask"\n'


def test_the_catalogues_of_the_house_are_right() -> None:
    assert findings(ROOT) == []


def test_the_coverage_page_is_current() -> None:
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    assert page == with_coverage(page, coverage(ROOT)), "run: python -m locales.check --coverage"


def test_what_telegram_limits_is_short_enough_when_it_is_said() -> None:
    limited = sorted(filter(re.compile(r"commands\.").match, texts.keys()))
    assert "commands.bot.name" in limited
    for key in limited:
        longest = min(limit for kind, limit in LONGEST if kind.fullmatch(key))
        assert all(len(texts.say(language, key)) <= longest for language in texts.LANGUAGES), key


def test_a_house_without_a_fault_has_no_finding(house: Path) -> None:
    assert findings(house, PREFIXES) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        (TR, ASK + f'msgstr "{STORY["tr"]}"\n', "", "tr/report.po report.story.ask: is missing"),
        (TR, STORY["tr"], "", "report.story.ask: has no text"),
        (AR, '"بلاغان"', '""', "report.mine.number: lacks a plural form"),
        (TR, ASK, '#, fuzzy\nmsgid "report.extra.text"\nmsgstr "Ek"\n\n' + ASK, "tr has it, Dutch does not"),
        (TR, "{code}", "{kod}", "report.sent.code: has {kod}, Dutch has {code}"),
        (TR, "{count} bildirim", "{count} {ne} bildirim", "report.mine.number: has {ne}, Dutch has no values"),
        (TR, 'msgid_plural "report.mine.number"\nmsgstr[0]', "msgstr", "is a plural in one language only"),
        (TR, 'msgid_plural "report.mine.number"', 'msgid_plural "report.mine.numbers"', "must be the key itself"),
        (
            AR,
            "n==1 ? 1 : n==2 ? 2",
            "n==2 ? 1 : n==1 ? 2",
            "ar/report.po:1 the header must say Plural-Forms: nplurals=6",
        ),
        (TR, "Language: tr", "Language: de", "tr/report.po:1 the header must say Language: tr"),
        (TR, "#, fuzzy\n", "", "report.story.ask: needs the flag"),
        (TR, "#, fuzzy\n", "# reviewed\n", "report.story.ask: needs the flag"),
        (TR, "#, fuzzy\n", "# reviewed by A. Reader\n#, fuzzy\n", "report.story.ask: needs the flag"),
        (TR, STORY["tr"], "{0} anlatın", "has a brace that is no {name}"),
        (TR, STORY["tr"], "<b>anlatın</b>", "has markup"),
        (AR, STORY["ar"], "\u2068أخبرونا\u2069", "has a direction mark"),
        (TR, STORY["tr"], "Anlatın. ", "begins or ends with a blank"),
        (
            TR,
            f'"{STORY["tr"]}"\n',
            f'"{STORY["tr"]}\n',
            "tr/report.po:10 is not a keyword and a text in quotation marks",
        ),
        (TR, ASK, '#~ msgid "report.old.ask"\n#~ msgstr "eski"\n\n' + ASK, "holds an old text"),
        (TR, "msgid", "msgyd", "tr/report.po:1 Unknown or misformatted keyword"),
        (NL, '"Vertel"', '"Vertel ons alles wat er is gebeurd"', "report.button.send: has 34 characters, 32 at most"),
        (NL, '"Vertel"', '"🔊"', "report.button.send: is a button without words"),
        (NL, STORY["nl"], "Woord " * 15 + "woord.", "report.story.ask: has a sentence of 16 words"),
        (NL, STORY["nl"], "Indien je wilt.", "report.story.ask: says 'Indien': say 'als'"),
        (NL, STORY["nl"], "Vertel bijv. alles.", "report.story.ask: shortens a word: 'bijv'"),
        (DEED, 'ASK = Text("report.story.ask")', 'ASK = ""', "locales/nl report.story.ask: no code uses it"),
        (DEED, "report.story.ask", "report.story.asks", "py:2 report.story.asks: the code uses it, Dutch does not"),
        (
            DEED,
            'ASK = Text("report',
            'ODD = f"report.odd_{kind}"\nASK = Text("report',
            "report.odd_: declare it in PREFIXES",
        ),
        (DEED, 'MENU = f"commands.menu.{command}"', "", "commands.menu.: no code puts a key together from it"),
    ],
)
def test_the_check_finds_the_fault(house: Path, name: str, old: str, new: str, finding: str) -> None:
    spoil(house, name, old, new)
    found = findings(house, PREFIXES)
    assert any(finding in line for line in found), found
    assert len(found) <= 4, found


def test_a_key_on_a_button_must_be_short_whatever_its_name(house: Path) -> None:
    spoil(house, DEED, 'ASK = Text("report.story.ask")', 'ASK = Button(Text("report.story.ask"), answer="ask")')
    spoil(house, NL, STORY["nl"], "Vertel ons hier wat er is gebeurd.")
    assert [line.split(": ", 1)[1] for line in findings(house, PREFIXES)] == ["has 34 characters, 32 at most"]


def test_a_key_that_stands_twice_is_found_in_one_file_and_in_two(house: Path) -> None:
    once = (house / NL).read_text(encoding="utf-8")
    (house / NL).write_text(once + f'\n{ASK}msgstr "Vertel alles."\n', encoding="utf-8")
    assert "locales/nl report.story.ask: stands there 2 times" in findings(house, PREFIXES)
    (house / NL).write_text(once, encoding="utf-8")
    (house / "locales/nl/signals.po").write_text(once, encoding="utf-8")
    assert "locales/nl report.story.ask: stands there 2 times" in findings(house, PREFIXES)


def test_a_text_in_another_subjects_file_is_found(house: Path) -> None:
    (house / TR).rename(house / "locales/tr/signals.po")
    assert any("report.story.ask: belongs in locales/tr/report.po" in line for line in findings(house, PREFIXES))


def test_a_template_of_the_console_uses_keys_too(house: Path) -> None:
    spoil(house, DEED, 'ASK = Text("report.story.ask")', 'ASK = ""')
    page = house / "handlers" / "console" / "templates" / "signals" / "signal.html"
    page.parent.mkdir(parents=True)
    page.write_text('<h1>{{ say("report.story.ask") }}</h1>', encoding="utf-8")
    assert findings(house, PREFIXES) == []


def test_the_command_prints_a_line_for_each_finding_and_ends_with_1(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(house, TR, STORY["tr"], "")
    assert main([], house) == 1
    assert "locales/tr/report.po:9 report.story.ask: has no text\n" in capsys.readouterr().out


def test_the_texts_without_a_recording_are_named(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (house / "locales/rif/voice").mkdir(parents=True)
    (house / "locales/rif/voice/report.story.ask.ogg").write_bytes(b"OggS")
    assert main(["--missing-voice"], house) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ary report.story.ask" in lines
    assert not {"rif report.story.ask", "nl report.button.send", "nl commands.menu.melden"} & set(lines)


def test_the_coverage_page_says_how_much_each_language_has(house: Path) -> None:
    (house / "docs").mkdir()
    page = house / "docs" / "languages.md"
    page.write_text("# Languages\n<!-- coverage -->\nold\n<!-- /coverage -->\nEnd.\n", encoding="utf-8")
    spoil(house, TR, STORY["tr"], "")
    assert main(["--coverage"], house) == 0
    lines = page.read_text(encoding="utf-8").splitlines()
    assert "| Türkçe | tr | ltr | 4 of 5 | 1 | 0 of 3 |" in lines
    assert (lines[0], lines[-1]) == ("# Languages", "End.")
    assert "old" not in lines


@pytest.mark.parametrize(
    "text",
    [
        "Je hoeft je naam niet te zeggen. Wij weten niet wie je bent. Je kunt alles wissen met /wis.",
        "Bel 112.\nVoor discriminatie is er Discriminatie.nl. Zij geven binnen vijf werkdagen antwoord.",
        "Welke buurt? Kies er één, of typ de naam. De GGD helpt bij schimmel.",
    ],
)
def test_plain_dutch_passes(text: str) -> None:
    assert list(faults(text)) == []
