"""A table of plans as people and spreadsheets write it: commas, semicolons or tabs, empty columns, `sep=;`."""

from __future__ import annotations

import csv
import io
import re
from itertools import zip_longest

from domain.budget.rounds import PlanDraft
from domain.cleaning import cleaned
from domain.money import cents_of
from domain.refusals import Invalid
from locales.texts import LANGUAGES

CSV_LIMIT = 2 * 1024 * 1024
# The first line in which Excel names the separator of the columns.
_SEPARATOR = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)
# How many characters of an unknown column's name an error shows.
_SHOWN = 40


class WrongRow(Invalid):
    """A CSV file that can't be imported, of which nothing was kept.

    line: the number of the row's first line in the file · column: the name of the column at fault, else "" · reason:
    a reason of WrongPlan, `many` (over 500 plans), `missing`, `unknown` or `twice` (a column of the heading),
    `columns` (a cell under no column name), `cells` (a quote that does not end, a cell far too long), `none` (no
    plans) or `size` (over 2 × 1024 × 1024 characters).
    """

    def __init__(self, line: int, reason: str, column: str = "") -> None:
        """Nothing was kept."""
        super().__init__(f"line {line}: {reason}")
        self.line, self.reason, self.column = line, reason, column


def read(csv_text: str) -> list[tuple[int, PlanDraft]]:
    """The plans of a table, each with the number of its first line in the file. Raises WrongRow."""
    if len(csv_text) > CSV_LIMIT:
        raise WrongRow(1, "size")
    heading, *rows = _rows(csv_text) or [(1, [])]
    if not heading[1]:
        raise WrongRow(1, "none")
    names = _names(*heading)
    if not rows:
        raise WrongRow(heading[0], "none")
    return [(line, _draft(line, names, cells)) for line, cells in rows]


def _rows(csv_text: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its first line and without empty cells at its end."""
    text = csv_text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    told = _SEPARATOR.fullmatch(first)  # a spreadsheet may say so before its heading
    delimiter = told[1] if told else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                found.append((line, cells))
    except csv.Error:
        raise WrongRow(before + 1, "cells") from None
    return found[1:] if told else found


def _names(line: int, heading: list[str]) -> list[str]:
    """The names of the columns, "" for a column without one. Raises WrongRow."""
    names = [cell.strip().casefold() for cell in heading]
    known = {"", "place", "cost", *(f"{field}_{language}" for field in ("title", "story") for language in LANGUAGES)}
    for number, name in enumerate(names):
        if name not in known:
            raise WrongRow(line, "unknown", cleaned(heading[number])[:_SHOWN])
        if name and name in names[:number]:
            raise WrongRow(line, "twice", name)
    if not any(name.startswith("title_") for name in names):
        raise WrongRow(line, "missing", "title_nl")
    if "cost" not in names:
        raise WrongRow(line, "missing", "cost")
    return names


def _draft(line: int, names: list[str], cells: list[str]) -> PlanDraft:
    if len(cells) > len(names) or any(cell.strip() for name, cell in zip(names, cells, strict=False) if not name):
        raise WrongRow(line, "columns")
    row = dict(zip_longest(names, cells, fillvalue=""))
    cents = cents_of(row["cost"])
    if cents is None:
        raise WrongRow(line, "cost_cents")
    by_field = {
        field: {name[6:]: words for name, words in row.items() if name.startswith(field) and words.strip()}
        for field in ("title", "story")
    }
    return PlanDraft(by_field["title"], by_field["story"], row.get("place", ""), cents)
