"""Acts on an invitation (a broadcast): the page that confirms them, the acts themselves, its test and its deletion."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from conversations.broadcasts import notices
from domain.broadcasts.rules import Act, BadBroadcast, heard
from handlers.console.broadcasts.invitations import broadcast_page
from handlers.console.broadcasts.targets import targets
from handlers.console.budget.printing import drawn
from handlers.console.forms import version_of
from handlers.console.pages import go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of
from locales.texts import LANGUAGES, say
from services.broadcasts import drafts, sending
from services.staff.accounts import Staff
from services.work import Work

router = APIRouter()
BroadcastId = Annotated[str, Path(max_length=64)]
DELETE = "delete"
# The acts that are confirmed first: they reach many, or can't be undone.
CONFIRMED = (Act.SEND, Act.APPROVE, Act.STOP, DELETE)


@router.get("/broadcasts/{broadcast_id}/confirm")
async def asked_to_confirm(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, what: str = ""
) -> Response:
    """The page that tells what an act does, to whom, and who asked for it. Nothing is done yet."""
    return await _confirm(request, work, staff, broadcast_id, what)


@router.post("/broadcasts/{broadcast_id}/act")
async def sent_act(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, form: SentForm
) -> Response:
    """Send, approve, withdraw, pause, resume or stop a broadcast."""
    what, version, seen = text_of(form, "what"), version_of(form) or 0, text_of(form, "seen")
    try:
        if what not in set(Act):
            raise sending.ActNotPossible(())
        approval_from = request.app.state.approval_from
        await sending.act(work, staff, broadcast_id, Act(what), version, approval_from, seen=seen)
    except BadBroadcast as error:
        return await broadcast_page(request, work, staff, broadcast_id, problem=error.why)
    except (sending.WrittenMeanwhile, sending.NotSeen):
        return await _confirm(request, work, staff, broadcast_id, what, problem="changed")
    except sending.ActNotPossible:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="not_possible")
    except sending.SecondPersonNeeded:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="second_person")
    return go(f"/broadcasts/{broadcast_id}?done=done")


@router.post("/broadcasts/{broadcast_id}/delete")
async def sent_delete(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, form: SentForm
) -> Response:
    """Delete a draft with its texts."""
    try:
        await drafts.discard(work, staff, broadcast_id, version_of(form) or 0)
    except sending.WrittenMeanwhile:
        return await _confirm(request, work, staff, broadcast_id, DELETE, problem="changed")
    except sending.ActNotPossible:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="not_possible")
    return go("/broadcasts")


@router.post("/broadcasts/{broadcast_id}/test")
async def sent_test(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, form: SentForm
) -> Response:
    """Make a test: a one-time link, its QR code and a command, which show the message on one's own phone."""
    try:
        command = await drafts.make_test(work, staff, broadcast_id)
    except sending.ActNotPossible:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="not_possible")
    link = await request.app.state.outside.link(command.removeprefix("/start "))  # "" leaves the command to be typed
    picture = drawn(link) if link else ""
    return await broadcast_page(request, work, staff, broadcast_id, command=command, link=link, picture=picture)


async def _confirm(
    request: Request, work: Work, staff: Staff, broadcast_id: str, what: str, problem: str | None = None
) -> Response:
    """The page that confirms an act, the same for whoever asks and approves. problem: why it is shown again."""
    one = await sending.overview(work, staff, broadcast_id)
    if what not in CONFIRMED or not (one.editable if what == DELETE else what in one.acts):
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="not_possible")
    found = None
    if what in (Act.SEND, Act.APPROVE):
        try:
            found = await sending.preview(work, staff, broadcast_id, request.app.state.approval_from)
        except BadBroadcast as error:
            return await broadcast_page(request, work, staff, broadcast_id, problem=error.why)
    chosen = f"{one.content.go}.{one.content.value}"
    named = [each for some in (await targets(work, staff, language_of(request))).values() for each in some]
    buttons = notices.labels(one.content)
    words = heard(one.content, LANGUAGES)
    return page(
        request,
        "broadcasts/broadcast_confirm.html",
        status=409 if problem else 200,
        what=what,
        one=one,
        found=found,
        problem=problem,
        order=LANGUAGES,
        target=next((each.name for each in named if each.chosen == chosen), ""),
        phones=[
            (code, words.get(code), [say(code, label.key) for label in buttons])
            for code in LANGUAGES
            if not one.content.languages or code in one.content.languages
        ],
    )
