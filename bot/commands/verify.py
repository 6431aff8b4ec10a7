"""`python -m bot verify FOLDER [--head HEAD]`: recount a published vote, and make its pages again to compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.budget import verifier
from handlers.console.budget.result_page import result_pages


def main(arguments: list[str]) -> int:
    """Check the folder that is named and print what was found; exit status as of domain/budget/verifier.py."""
    asked = verifier.folder_and_heads(arguments)
    if asked is None or (files := verifier.read(asked[0])) is None:
        return 2
    return verifier.report(*check(files, asked[1]))


def check(files: Mapping[str, bytes], heads: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """As domain.budget.verifier.check, and pages that results.json does not make: looked at once all else is right."""
    said, wrong = verifier.check(dict(files), heads)
    if wrong:
        return said, wrong
    try:
        pages = result_pages(verifier.whole_json(files["results.json"]))
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        return said, [f"the pages can't be made again: {type(error).__name__} {error}"]
    differ = [name for name, content in pages.items() if files.get(name) != content]
    return said, [f"{name} is not the page that results.json makes" for name in differ]
