"""The letters that bring the codes to the doors: a PDF, one page a code, no address, in the languages of the area.

Run by handlers/console/budget/printing.py: `python -m handlers.console.budget.letters` (JSON in, PDF out).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from domain.budget.ballot_codes import shown
from domain.neighbourhoods import names_of
from domain.screens import Told
from domain.wall_clock import TIMEZONE
from handlers.console.budget.printing import FONT, LetterSender, link_of
from locales.texts import direction, listing, moment, money, say
from services.budget.rounds import Round

MARGIN, WIDTH, GAP = 18.0, 174.0, 8.0  # of an A4 sheet, in millimetres
QR_SIDE = 46.0
FOOT = 282.0
SIZES = (9.5, 8.5, 7.5, 6.5)  # of the sentences, in points
NAMES_AT_MOST = 5
BESIDE = MARGIN + QR_SIDE + 14
Ink = tuple[int, int, int]
_INK, _SOFT, _TINT = (29, 36, 35), (85, 96, 94), (226, 239, 237)


def letters(round_: Round, codes: Sequence[str], sender: LetterSender) -> bytes:
    """A PDF: one page a code, in their order. No page tells whose it is. About 7 ms of processor time a page."""
    sheet = _laid_out([_Block.of(round_, sender, language) for language in round_.languages], sender)
    frame = sheet.drawn()
    for number, code in enumerate(codes):
        if number:
            sheet.add_page()
            sheet.copy(frame)
        sheet.square(link_of(sender.bot, code))
        sheet.put("nl", BESIDE, sheet.code_at, WIDTH, 22, shown(code))
    return bytes(sheet.output())


@dataclass(frozen=True, slots=True)
class _Block:
    """The letter in one language."""

    language: str
    title: str
    sentences: tuple[str, ...]

    @classmethod
    def of(cls, round_: Round, sender: LetterSender, language: str) -> _Block:
        names = names_of(round_.areas)
        many = len(names) > NAMES_AT_MOST
        areas = say(language, "console.letter.areas", count=len(round_.areas)) if many else listing(language, names)
        least, most = round_.choose_min, round_.choose_max
        chosen = (
            say(language, "console.letter.exactly", count=most)
            if least == most
            else say(language, "console.letter.choose", {"least": least}, count=most)
        )
        about = {"amount": money(language, round_.amount_cents), "areas": areas}
        opens, closes = (moment(language, at, TIMEZONE) for at in (round_.opens_at, round_.closes_at))
        sentences = (
            say(language, "console.letter.about", about),
            chosen,
            say(language, "console.letter.how", {"bot": f"@{sender.bot}"}),
            say(language, "console.letter.when", {"opens": opens, "closes": closes}),
            say(language, "console.letter.change"),
            say(language, "console.letter.nameless"),
            say(language, "console.letter.other_way", {"contact": sender.contact}),
        )
        return cls(language, Told(round_.title).spoken(language), sentences)


class _Sheet(FPDF):
    """A4 pages in our one font, which differ in their code only. Places and widths are in millimetres."""

    def __init__(self, size: float) -> None:
        """size: of the sentences, in points."""
        super().__init__(format="A4")
        self.set_margin(0)
        self.set_auto_page_break(False)
        self.add_font("letter", "", FONT)
        self.set_title("Buurtstem")
        self._size = size
        self.code_at = self._square_at = 0.0

    def put_away(self) -> None:
        """Close the font; for a sheet that is not used."""
        cast(TTFFont, self.fonts["letter"]).close()

    def drawn(self) -> bytes:
        """PDF of what is drawn on this page so far, for `copy`: fitting Arabic into lines again would take 70 ms."""
        return b"q " + bytes(cast(bytearray, self.pages[self.page].contents)) + b" Q"

    def copy(self, drawn: bytes) -> None:
        """Draw the same on another page."""
        self._out(drawn)

    def frame(self, blocks: Sequence[_Block], sender: LetterSender) -> float:
        """Draw everything but the QR code and the code. Returns the y at which the sentences end."""
        y = self.put(blocks[0].language, MARGIN, MARGIN, WIDTH, 18, blocks[0].title) + 6
        self._square_at = y + 6
        self.set_fill_color(*_TINT)
        self.rect(MARGIN, y, WIDTH, QR_SIDE + 12, style="F", round_corners=True, corner_radius=4)
        asked = " · ".join(say(block.language, "console.letter.code") for block in blocks)
        self.code_at = self.put("nl", BESIDE, y + 12, WIDTH, 10, asked, _SOFT) + 4
        self.put("nl", BESIDE, self.code_at + 16, WIDTH, 10, f"Telegram: @{sender.bot}", _SOFT)
        self.put("nl", MARGIN, FOOT, WIDTH, 8.5, f"{sender.name} · {sender.contact}", _SOFT)
        return self._blocks(blocks, y + QR_SIDE + 12 + GAP)

    def square(self, link: str) -> None:
        """Draw a QR code, as black runs on white."""
        rows = [list(row) for row in segno.make(link, micro=False, error="m", mask=0).matrix_iter(border=2)]
        side = QR_SIDE / len(rows)
        self.set_fill_color(255)
        self.rect(MARGIN + 6, self._square_at, QR_SIDE, QR_SIDE, style="F")
        self.set_fill_color(0)
        for line, row in enumerate(rows):
            for start, length in _runs(row):
                self.rect(MARGIN + 6 + start * side, self._square_at + line * side, length * side, side, style="F")

    def put(self, language: str, x: float, y: float, width: float, size: float, words: str, ink: Ink = _INK) -> float:
        """Write words into a column, from the side where the language begins. Returns the y at which they end."""
        side = direction(language)
        self.set_text_shaping(True, direction=side)
        self.set_font("letter", size=size)
        self.set_text_color(*ink)
        self.set_xy(x, y)
        align = "R" if side == "rtl" else "L"
        self.multi_cell(width, size * 0.5, words, align=align, padding=0, new_x=XPos.LEFT, new_y=YPos.NEXT)
        return self.get_y()

    def _blocks(self, blocks: Sequence[_Block], top: float) -> float:
        """Write two languages beside each other, and the next two below. Returns the y at which they end."""
        width = (WIDTH - GAP) / 2 if len(blocks) > 1 else WIDTH
        for at in range(0, len(blocks), 2):
            ends = [top]
            for column, block in enumerate(blocks[at : at + 2]):
                x = MARGIN + column * (width + GAP)
                y = self.put(block.language, x, top, width, self._size + 2.5, block.title) + 2
                for sentence in block.sentences:
                    y = self.put(block.language, x, y, width, self._size, sentence) + 1
                ends.append(y)
            top = max(ends) + GAP
        return top - GAP


def _laid_out(blocks: Sequence[_Block], sender: LetterSender) -> _Sheet:
    """A sheet with a first page that holds all but the code, in the largest type in which the sentences fit."""
    for size in SIZES:
        sheet = _Sheet(size)
        sheet.add_page()
        if sheet.frame(blocks, sender) <= FOOT - 6 or size == SIZES[-1]:
            return sheet
        sheet.put_away()
    raise AssertionError("the smallest type is always taken")


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The runs of dark modules in a row of the QR code: (place of the first, how many)."""
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


def main() -> int:
    """Read JSON from standard input, write the PDF to standard output. Returns the exit status."""
    given = json.load(sys.stdin.buffer)
    moments = {name: datetime.fromisoformat(given["round"][name]) for name in ("opens_at", "closes_at")}
    round_ = Round(**{**given["round"], **moments})
    sys.stdout.buffer.write(letters(round_, given["codes"], LetterSender(**given["sender"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
