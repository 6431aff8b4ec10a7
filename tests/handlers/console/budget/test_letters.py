"""The letters: one page a code, its square read by a machine, its words in each language of the round."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops

from domain.budget.ballot_codes import new_code, read_code, shown
from domain.neighbourhoods import BY_CODE
from domain.staff.rights import StaffRole
from handlers.console.budget.letters import _Block, letters
from handlers.console.budget.printing import LETTERS_AT_ONCE, LetterSender, printed, unprintable
from locales.direction import bare
from locales.texts import LANGUAGES, say
from services.budget.rounds import Round
from tests.handlers.api.office import BOT, Office, send_form

SENDER = LetterSender(BOT, "Stichting Buurt", "020-1234567")
ROUND = Round(
    id="r" * 26,
    title={"nl": "Buurtbudget Osdorp", "en": "Budget of Osdorp", "tr": "Osdorp bütçesi", "ar": "ميزانية أوسدورب"},
    state="drafting",
    areas=("FK01", "FK02"),
    amount_cents=2_500_000,
    choose_min=3,
    choose_max=5,
    rule="most-votes-stop",
    opens_at=datetime(2027, 3, 1, 8, tzinfo=UTC),
    closes_at=datetime(2027, 3, 28, 20, tzinfo=UTC),
    tie_seed="",
    languages=LANGUAGES,
)


def sheets(pdf: bytes) -> list[tuple[Image.Image, str]]:
    """Each page as a printer would make it, and its words."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [(page.render(scale=2).to_pil(), page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()


def squares(page: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(page)]


def plain(words: str) -> str:
    """Words without blanks and marks, Arabic letters in their plain forms."""
    return re.sub(r"\s+", "", bare(unicodedata.normalize("NFKC", words)))


def test_each_page_has_its_own_code_in_its_square_and_beside_it() -> None:
    codes = [new_code() for _ in range(3)]
    pages = sheets(letters(ROUND, codes, SENDER))
    assert [squares(page) for page, _ in pages] == [[f"https://t.me/{BOT}?start=vote-{code}"] for code in codes]
    for (_, words), code in zip(pages, codes, strict=True):
        assert [one for one in codes if shown(one) in words] == [code]


def test_pages_differ_in_their_code_alone() -> None:
    (first, _), (second, _) = sheets(letters(ROUND, [new_code(), new_code()], SENDER))
    changed = ImageChops.difference(first.convert("L"), second.convert("L")).getbbox()
    assert changed is not None
    assert changed[3] < first.height / 3, "below the box all is the same"


def test_a_letter_speaks_every_language_of_the_round() -> None:
    ((_, words),) = sheets(letters(ROUND, [new_code()], SENDER))
    for language in ("nl", "en", "tr"):
        for key in ("console.letter.change", "console.letter.nameless", "console.letter.code"):
            assert plain(say(language, key)) in plain(words), (language, key)
    assert "1 maart 2027 om 09:00" in words.replace("\r\n", " ")
    assert plain("28 maart 2027 om 22:00") in plain(words), "by the clocks of summer"
    arabic = {word for word in plain(say("ar", "console.letter.change")) if unicodedata.bidirectional(word) == "AL"}
    assert arabic <= set(plain(words))


@pytest.mark.parametrize("languages", [("ar",), ("tr", "ar"), ("nl", "en", "ar"), LANGUAGES])
def test_a_letter_keeps_within_the_sheet_however_many_languages_and_long_titles(languages: tuple[str, ...]) -> None:
    long = dict.fromkeys(
        LANGUAGES, "Een heel lange naam van een ronde van het buurtbudget van Osdorp en Slotervaart, " * 2
    )
    found = replace(ROUND, title=long, languages=languages, areas=tuple(BY_CODE)[1:60:8])
    ((page, _),) = sheets(letters(found, [new_code()], SENDER))
    assert len(squares(page)) == 1
    dark = page.convert("L").point(lambda value: 255 if value < 200 else 0)
    left, top, right, bottom = dark.getbbox() or (0, 0, 0, 0)
    assert left > 40
    assert top > 40
    assert right < page.width - 40
    assert bottom < page.height - 20
    assert dark.crop((0, int(page.height * 0.93), page.width, int(page.height * 0.94))).getbbox() is None, (
        "the foot is free"
    )


async def test_an_organiser_gets_letters_that_vote(office: Office) -> None:
    path = f"/rounds/{(await office.round()).id}"
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        made = await send_form(browser, path, f"{path}/codes", count="2", code_class="resident", form="letters")
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["content-disposition"] == 'attachment; filename="letters.pdf"'
    found = [squares(page)[0].partition("vote-")[2] for page, _ in sheets(made.content)]
    assert len({read_code(code) for code in found} - {None}) == 2
    assert LETTERS_AT_ONCE >= 500


@pytest.mark.parametrize(
    ("title", "lacks"),
    [
        ("ሰላም", "ሰላም"), ("Feest 🎉 in de buurt", "🎉"), ("公园", "公园"), ("नमस्ते", "नमस्ते"),
        ("Café Zoé", ""), ("Cafe\u0301", ""), ("Übergröße, Łódź, İğdır", ""), ("حديقة \u200fالحي", ""),
    ],
)  # fmt: skip
async def test_signs_that_the_letter_cannot_print_are_told_before_any_code_is_made(
    office: Office, title: str, lacks: str
) -> None:
    assert set(unprintable([title])) == set(lacks)
    path = f"/rounds/{(await office.round(title={'nl': title})).id}"
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        made = await send_form(browser, path, f"{path}/codes", count="1", code_class="resident", form="letters")
        page = (await browser.get(path)).text
    assert made.status_code == (409 if lacks else 200)
    assert all(sign in made.text for sign in lacks)
    if lacks:
        assert "kan deze tekens niet afdrukken" in made.text
        assert 'name="batch"' not in page


def test_every_sentence_of_ours_can_be_printed() -> None:
    for language in LANGUAGES:
        block = _Block.of(replace(ROUND, areas=tuple(BY_CODE)[:4]), SENDER, language)
        assert unprintable([block.title, *block.sentences]) == []
    assert unprintable(one.name for one in BY_CODE.values()) == []


def test_one_choice_exactly_is_said_so() -> None:
    found = replace(ROUND, choose_min=1, choose_max=1, languages=("en", "nl"))
    ((_, words),) = sheets(letters(found, [new_code()], SENDER))
    assert plain(say("en", "console.letter.exactly", count=1)) in plain(words)


async def test_letters_that_could_not_be_made_are_not_half_a_file() -> None:
    with pytest.raises(RuntimeError, match="could not be made"):
        await printed(replace(ROUND, languages=("xx",)), [new_code()], SENDER)
