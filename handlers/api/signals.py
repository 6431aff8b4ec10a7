"""Signals over HTTP: the worklist, one signal, answers, moves, codes and files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from domain.signals.workflow import Kind, Status, Turn
from domain.staff.rights import Reason
from handlers.api.auth import IdempotencyKey, OpenWork, ReadVersion, TokenHolder
from handlers.api.problems import HEADERS
from handlers.api.schemas.signals import (
    AnswerKept,
    NewAnswer,
    NewMove,
    NewOfficialCodes,
    OfficialCodes,
    SignalDetail,
    SignalLine,
    SignalPage,
    TurnDetail,
)
from services.signals import casework
from services.signals.cases import Case, SignalCodes, open_file, open_signal
from services.signals.worklist import OPEN, worklist

router = APIRouter(tags=["signals"])
SignalId = Annotated[str, Path(max_length=64, description="The signal's id.")]
ReasonAsked = Annotated[Reason | None, Query(description="Why you read it; needed once per signal per day.")]


@router.get("/signals")
async def asked_for_worklist(
    work: OpenWork,
    staff: TokenHolder,
    status: Annotated[list[Status] | None, Query(description="Default: all that are not ended.")] = None,
    kind: Kind | None = None,
    area: Annotated[str | None, Query(max_length=80, description="The name of a gebied.")] = None,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> SignalPage:
    """The signals you may see."""
    found = await worklist(work, staff, statuses=status or OPEN, kind=kind, area=area, page=page)
    lines = [
        SignalLine(
            id=line.signal_id,
            kind=line.kind,
            status=line.status,
            received_on=line.received_on,
            neighbourhood=line.neighbourhood,
            area=line.area,
            unread=line.unread,
            danger=line.danger,
            unanswered=line.turns,
            waiting_since=line.since,
        )
        for line in found.lines
    ]
    return SignalPage(signals=lines, total=found.total, page=found.page, pages=found.pages)


@router.get("/signals/{signal_id}")
async def asked_for_signal(
    work: OpenWork, staff: TokenHolder, signal_id: SignalId, reason: ReasonAsked = None
) -> SignalDetail:
    """One signal with its dialogue. Each reading is written into the access log and counted for the reporter."""
    return _signal(await open_signal(work, staff, signal_id, reason))


@router.post("/signals/{signal_id}/answers", status_code=201)
async def sent_answer(
    work: OpenWork,
    staff: TokenHolder,
    signal_id: SignalId,
    answer: NewAnswer,
    idempotency_key: IdempotencyKey = None,
) -> AnswerKept:
    """Answer the reporter, in your language or with a standard reply in theirs."""
    turn = await casework.answer(
        work,
        staff,
        signal_id,
        words=answer.words or "",
        language=answer.language,
        reply=answer.reply,
        to=answer.to,
        version=answer.version,
        once=idempotency_key,
    )
    return AnswerKept(id=turn)


@router.post("/signals/{signal_id}/moves", status_code=204, response_class=Response)
async def sent_move(work: OpenWork, staff: TokenHolder, signal_id: SignalId, move: NewMove) -> None:
    """Bring the signal to another state; the reporter is told."""
    await casework.move(work, staff, signal_id, move.to, move.version)


@router.delete("/signals/{signal_id}/danger", status_code=204, response_class=Response)
async def asked_to_clear_danger(work: OpenWork, staff: TokenHolder, signal_id: SignalId, version: ReadVersion) -> None:
    """Take the mark of danger away, after somebody has looked whether help is needed now."""
    await casework.clear_danger(work, staff, signal_id, version)


@router.put("/signals/{signal_id}/codes", status_code=204, response_class=Response)
async def sent_codes(work: OpenWork, staff: TokenHolder, signal_id: SignalId, codes: NewOfficialCodes) -> None:
    """Replace the official codes of the signal."""
    official = SignalCodes(tuple(codes.grounds), tuple(codes.domains), tuple(codes.natures), codes.group)
    await casework.set_codes(work, staff, signal_id, official, codes.version)


@router.get(
    "/signals/{signal_id}/attachments/{attachment_id}",
    response_class=Response,
    responses={200: {"description": "The file itself, image/jpeg or audio/ogg.", "content": {"*/*": {}}}},
)
async def asked_for_attachment(
    work: OpenWork, staff: TokenHolder, signal_id: SignalId, attachment_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """A photo or voice message of a signal that you opened today."""
    kept = await open_file(work, staff, signal_id, attachment_id)
    return Response(kept.content, media_type=kept.media_type, headers={**HEADERS, "Content-Disposition": "attachment"})


def _signal(case: Case) -> SignalDetail:
    return SignalDetail(
        id=case.signal_id,
        version=case.version,
        kind=case.kind,
        status=case.status,
        next_moves=list(case.next_moves),
        about=case.about,
        role=case.role,
        language=case.language,
        neighbourhood=case.neighbourhood,
        area=case.area,
        wants_help=case.wants_help,
        danger=case.danger,
        line_cut=case.line_cut,
        received_on=case.received_on,
        moved_on=case.moved_on,
        ended_on=case.ended_on,
        details=case.details,
        codes=OfficialCodes.model_validate(case.codes, from_attributes=True),
        turns=[_turn(turn) for turn in case.turns],
        reason=case.reason,
    )


def _turn(said: Turn) -> TurnDetail:
    attachments = [
        {"id": file.attachment_id, "kind": file.kind, "seconds": file.seconds, "state": file.state}
        for file in said.files
    ]
    return TurnDetail.model_validate(
        {
            "from_staff": said.from_staff,
            "words": said.words,
            "language": said.language,
            "day": said.day,
            "attachments": attachments,
        }
    )
