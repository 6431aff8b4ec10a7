"""The public pages of a vote: while it is open the heads of its chain, afterwards the files that were published."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.budget.rounds import BEFORE_VOTING, RoundState
from handlers.console.budget.result_page import ZIP
from handlers.console.pages import HEADERS, go, language_of, page
from handlers.console.visits import OpenWork
from services.budget.rounds import NoSuchRound, round_of
from services.budget.statements import commitments, corrections

router = APIRouter(prefix="/results")
_ROUND = re.compile(r"[A-Za-z0-9_-]{8,40}")
_NAME = re.compile(r"[a-z]{1,20}\.(html|css|csv|json|py|pb|txt)")
_KINDS = {"html": "text/html", "css": "text/css", "csv": "text/csv", "json": "application/json"}


@router.get("/{round_id}/")
async def asked_for_result(request: Request, round_id: str, work: OpenWork) -> Response:
    """The public page of a vote: its result, or while it is open the heads of its chain. Needs no sign-in."""
    found = await round_of(work, round_id)
    if RoundState(found.state) in BEFORE_VOTING:
        raise NoSuchRound
    if _content(request, round_id, name := f"{language_of(request)}.html") is not None:
        return go(f"/results/{round_id}/{name}")
    chain = await commitments(work, round_id)
    heads = [list(batch)[-1] for _, batch in groupby(chain[1:], key=lambda one: one.batch)]
    told = await corrections(work, round_id)
    return page(request, "budget/result_open.html", round=found, heads=heads, corrections=told)


@router.get("/{round_id}/{name}")
async def asked_for_published_file(request: Request, round_id: str, name: str) -> Response:
    """One published file."""
    content = _zip(request, round_id) if name == ZIP else _content(request, round_id, name)
    if content is None:
        raise NoSuchRound
    if name == ZIP:
        return Response(content, media_type="application/zip", headers=HEADERS)
    kind = _KINDS.get(name.rpartition(".")[2], "text/plain")
    # These files never change, so they may be cached. HEADERS let no script in them run on the console's address.
    headers = {**HEADERS, "Cache-Control": f"public, max-age={int(timedelta(hours=1).total_seconds())}"}
    return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)


def _content(request: Request, round_id: str, name: str) -> bytes | None:
    folder: Path | None = request.app.state.outside.published
    if folder is None or not _ROUND.fullmatch(round_id) or not _NAME.fullmatch(name):
        return None
    try:
        return (folder / round_id / name).read_bytes()
    except OSError:
        return None


def _zip(request: Request, round_id: str) -> bytes | None:
    folder: Path | None = request.app.state.outside.published
    if folder is None or not _ROUND.fullmatch(round_id):
        return None
    try:
        return (folder / f"{round_id}.zip").read_bytes()
    except OSError:
        return None
