"""The public pages of a result: one HTML file per language, which needs only the style sheet beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.screens import Told
from domain.wall_clock import TIMEZONE
from handlers.console.pages import HERE, TEMPLATES
from locales import texts

# file -> text key of what it is, in the order of the page
FILES = {
    "results.json": "results.file.results",
    "ballots.csv": "results.file.ballots",
    "commitments.csv": "results.file.commitments",
    "statements.json": "results.file.statements",
    "round.pb": "results.file.round",
    "verify.py": "results.file.verify",
    "checksums.txt": "results.file.checksums",
    "head.txt": "results.file.head",
}
ZIP = "all.zip"  # all of them in one
# What a reader types to check everything, after putting the zip and domain/budget/verifier.py in one folder.
COMMANDS = ("python3 -m zipfile -e all.zip result", "python3 verifier.py result --head {head}")
_OF_BALLOTS = ("ballots.csv", "round.pb")


def result_pages(results: Mapping[str, Any]) -> dict[str, bytes]:
    """The pages of a result and their style: name -> content. results: the content of results.json."""
    pages = {f"{language}.html": _page(results, language).encode() for language in texts.LANGUAGES}
    return {**pages, "style.css": (HERE / "static" / "results.css").read_bytes()}


def _page(results: Mapping[str, Any], language: str) -> str:
    def say(key: str, count: int | None = None, **given: str | int) -> str:
        return texts.say(language, key, given, count)

    plans, counted = results["plans"], results["ballots"]["counted"]
    return TEMPLATES.get_template("budget/result.html").render(
        say=say,
        told=lambda words: Told(words).spoken(language),
        money=lambda cents: texts.money(language, cents),
        number=lambda count: texts.number(language, count),
        moment=lambda iso: texts.moment(language, datetime.fromisoformat(iso), TIMEZONE),
        listing=lambda numbers: texts.listing(language, [str(one) for one in numbers]),
        language=language,
        languages=texts.NAMES,
        direction=texts.direction,
        results=results,
        # Funded plans first; the order by votes stays as it is otherwise.
        plans=sorted(plans, key=lambda plan: not plan["funded"]),
        zip=ZIP,
        commands=[one.format(head=results["commitments"]["first_head"]) for one in COMMANDS],
        share=100 * results["result"].get("satisfied", 0) // max(counted, 1),
        files={name: key for name, key in FILES.items() if not results["totals_only"] or name not in _OF_BALLOTS},
    )
