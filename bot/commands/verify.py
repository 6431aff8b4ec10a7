"""`python -m bot verify FOLDER [--head HEAD]`: recount a published vote, and make its pages again to compare them."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.commands.words import make_parser
from domain.budget import verifier
from handlers.console.budget.result_page import result_pages

_HEAD = re.compile(r"[0-9a-f]{64}")


def main(arguments: list[str]) -> int:
    """Check the folder that is named and print what was found. Returns the exit status of domain/budget/verifier.py."""
    parser = make_parser("verify", "Recount a published vote, and make its pages again to compare them.")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="with results.json and the other files")
    parser.add_argument("--head", action="append", default=[], type=_head, help="told when voting opened, or later")
    asked = parser.parse_args(arguments)
    if (files := verifier.read(asked.folder)) is None:
        return 2
    return verifier.report(*check(files, asked.head))


def _head(word: str) -> str:
    """A head as somebody copied it. Raises ArgumentTypeError."""
    head = word.strip().lower()
    if not _HEAD.fullmatch(head):
        raise ArgumentTypeError("a head has 64 letters and digits")
    return head


def check(files: Mapping[str, bytes], heads: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """As domain.budget.verifier.check. Where all is right, also the pages that differ from what results.json makes."""
    said, wrong = verifier.check(dict(files), heads)
    if wrong:
        return said, wrong
    try:
        pages = result_pages(verifier.whole_json(files["results.json"]))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        return said, [f"the pages can't be made again: {type(error).__name__} {error}"]
    differ = [name for name, content in pages.items() if files.get(name) != content]
    return said, [f"{name} is not the page that results.json makes" for name in differ]
