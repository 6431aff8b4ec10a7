"""Invitations to many over HTTP: write, count, try, send, pause, stop, and the report."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from domain.broadcasts import rules
from domain.broadcasts.rules import AudienceCounts, Content, RecipientFate
from handlers.api.auth import IdempotencyKey, OpenWork, ReadVersion, TokenHolder
from handlers.api.schemas.broadcasts import (
    Acted,
    Asker,
    Audience,
    AudienceCell,
    BroadcastDetail,
    BroadcastLine,
    BroadcastList,
    BroadcastTexts,
    ChangedBroadcast,
    LanguageCell,
    NewAct,
    NewBroadcast,
    Preview,
    Test,
    Written,
)
from locales.texts import LANGUAGES
from services.broadcasts import drafts, sending

router = APIRouter(tags=["broadcasts"])
BroadcastId = Annotated[str, Path(max_length=64, description="The broadcast's id.")]


@router.get("/broadcasts")
async def asked_for_broadcasts(work: OpenWork, staff: TokenHolder) -> BroadcastList:
    """The broadcasts, the newest first."""
    lines = [
        BroadcastLine(id=one.broadcast_id, state=one.state, made_on=one.made_on, words=one.words)
        for one in await sending.listed(work, staff)
    ]
    return BroadcastList(broadcasts=lines)


@router.post("/broadcasts", status_code=201)
async def sent_new_broadcast(
    work: OpenWork, staff: TokenHolder, broadcast: NewBroadcast, idempotency_key: IdempotencyKey = None
) -> Written:
    """Write a draft. Nothing is sent."""
    return Written(id=await drafts.write(work, staff, _content(broadcast), idempotency_key))


@router.get("/broadcasts/{broadcast_id}")
async def asked_for_broadcast(work: OpenWork, staff: TokenHolder, broadcast_id: BroadcastId) -> BroadcastDetail:
    """One broadcast. Before it is sent it comes with its audience, counted now."""
    return _broadcast(await sending.overview(work, staff, broadcast_id))


@router.put("/broadcasts/{broadcast_id}", status_code=204, response_class=Response)
async def sent_broadcast(
    work: OpenWork, staff: TokenHolder, broadcast_id: BroadcastId, broadcast: ChangedBroadcast
) -> None:
    """Replace a draft."""
    await drafts.rewrite(work, staff, broadcast_id, _content(broadcast), broadcast.version)


@router.post("/broadcasts/{broadcast_id}/acts")
async def sent_act(
    request: Request, work: OpenWork, staff: TokenHolder, broadcast_id: BroadcastId, given: NewAct
) -> Acted:
    """Send, approve, withdraw, pause, resume or stop. After a pause or stop no message is sent any more."""
    approval_from = request.app.state.approval_from
    acted = sending.act(work, staff, broadcast_id, given.act, given.version, approval_from, seen=given.seen)
    return Acted(state=await acted)


@router.get("/broadcasts/{broadcast_id}/preview")
async def asked_for_preview(request: Request, work: OpenWork, staff: TokenHolder, broadcast_id: BroadcastId) -> Preview:
    """What happens when a draft is sent, or when a broadcast that waits for approval is approved."""
    found = await sending.preview(work, staff, broadcast_id, request.app.state.approval_from)
    role, organisation = found.asked_by or (None, "")
    return Preview(
        seen=found.seen,
        asked_by=Asker(role=role, organisation=organisation) if role else None,
        audience=_audience(found.counts),
        texts=rules.heard(found.content, LANGUAGES),
        go=found.content.go,
        value=found.content.value,
        minutes=found.minutes,
        second_person=found.second_person,
        test_first=found.needs_test,
    )


@router.delete("/broadcasts/{broadcast_id}", status_code=204, response_class=Response)
async def asked_to_delete(
    work: OpenWork,
    staff: TokenHolder,
    broadcast_id: BroadcastId,
    version: ReadVersion,
) -> None:
    """Delete a draft with its texts."""
    await drafts.discard(work, staff, broadcast_id, version)


@router.post("/broadcasts/{broadcast_id}/tests", status_code=201)
async def sent_test(work: OpenWork, staff: TokenHolder, broadcast_id: BroadcastId) -> Test:
    """A one-time command that shows a draft on one's own phone."""
    return Test(command=await drafts.make_test(work, staff, broadcast_id))


def _content(given: NewBroadcast) -> Content:
    return Content(
        given.texts.model_dump(),
        given.missing,
        given.go,
        given.value,
        frozenset(given.neighbourhoods),
        frozenset(given.languages),
    )


def _broadcast(one: sending.Overview) -> BroadcastDetail:
    content = one.content
    return BroadcastDetail(
        id=one.broadcast_id,
        version=one.version,
        state=one.state,
        next_acts=list(one.acts),
        texts=BroadcastTexts(**content.texts),
        missing=content.missing,
        undecided=list(one.undecided),
        go=content.go,
        value=content.value,
        neighbourhoods=sorted(content.buurten),
        languages=sorted(content.languages),
        tested=one.tested,
        audience=_audience(one.counts) if one.counts else None,
        report={RecipientFate(state): times for state, times in one.report.items()},
        by_language=[
            LanguageCell(language=language, state=RecipientFate(state), recipients=times)
            for (language, state), times in sorted(one.by_language.items())
        ],
    )


def _audience(counts: AudienceCounts) -> Audience:
    cells = [
        AudienceCell(neighbourhood=neighbourhood or None, language=language, readers=readers)
        for (neighbourhood, language), readers in counts.cells.items()
    ]
    return Audience(total=counts.total, cells=cells)
