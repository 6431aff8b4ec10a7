"""Meetings over HTTP: plan, change, publish, cancel, delete, and how many people come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from domain.wall_clock import comes_twice, wall_of
from handlers.api.auth import IdempotencyKey, OpenWork, ReadVersion, TokenHolder
from handlers.api.schemas.meetings import (
    ChangedMeeting,
    MeetingDetail,
    MeetingLine,
    MeetingList,
    MeetingTold,
    Moved,
    NewMeeting,
    NewMeetingAct,
    Planned,
    Point,
)
from services.meetings import planning

router = APIRouter(tags=["meetings"])
MeetingId = Annotated[str, Path(max_length=64, description="The meeting's id.")]


@router.get("/meetings")
async def asked_for_meetings(work: OpenWork, staff: TokenHolder) -> MeetingList:
    """The meetings, with how many people come and wait."""
    lines = [
        MeetingLine(
            id=line.meeting_id,
            status=line.status,
            theme=line.theme,
            starts_at=line.starts_at,
            capacity=line.capacity,
            coming=line.coming,
            waiting=line.waiting,
        )
        for line in await planning.all_meetings(work, staff)
    ]
    return MeetingList(meetings=lines)


@router.post("/meetings", status_code=201)
async def sent_meeting(
    work: OpenWork, staff: TokenHolder, given: NewMeeting, idempotency_key: IdempotencyKey = None
) -> Planned:
    """Plan a meeting, as a draft that no resident sees yet."""
    return Planned(id=await planning.plan(work, staff, given.plan(), idempotency_key))


@router.get("/meetings/{meeting_id}")
async def asked_for_meeting(work: OpenWork, staff: TokenHolder, meeting_id: MeetingId) -> MeetingDetail:
    """One meeting with its counts."""
    return _meeting(await planning.meeting(work, staff, meeting_id))


@router.put("/meetings/{meeting_id}")
async def sent_change(work: OpenWork, staff: TokenHolder, meeting_id: MeetingId, given: ChangedMeeting) -> Moved:
    """Change a meeting; guests are told when a published one gets another time or place."""
    return Moved(moved=await planning.change(work, staff, meeting_id, given.plan(), given.version))


@router.delete("/meetings/{meeting_id}", status_code=204, response_class=Response)
async def asked_to_delete(work: OpenWork, staff: TokenHolder, meeting_id: MeetingId, version: ReadVersion) -> None:
    """Delete a draft, which no resident has seen."""
    await planning.discard(work, staff, meeting_id, version)


@router.post("/meetings/{meeting_id}/publish", status_code=204, response_class=Response)
async def sent_publish(work: OpenWork, staff: TokenHolder, meeting_id: MeetingId, act: NewMeetingAct) -> None:
    """Publish a draft: residents see it from now on."""
    await planning.publish(work, staff, meeting_id, act.version)


@router.post("/meetings/{meeting_id}/cancel", status_code=204, response_class=Response)
async def sent_cancel(work: OpenWork, staff: TokenHolder, meeting_id: MeetingId, act: NewMeetingAct) -> None:
    """Cancel a meeting: everybody who comes or waits is told at once."""
    await planning.cancel(work, staff, meeting_id, act.version)


def _meeting(found: planning.Meeting) -> MeetingDetail:
    details, starts, ends = found.details, wall_of(found.starts_at), wall_of(found.ends_at)
    told = [MeetingTold(why=rule, state=state, times=times) for (rule, state), times in sorted(found.told.items())]
    return MeetingDetail(
        id=found.meeting_id,
        status=found.status,
        version=found.version,
        sequence=found.sequence,
        theme=dict(details.theme),
        about=dict(details.about),
        access=dict(details.access),
        place=details.place,
        address=details.address,
        point=Point(latitude=details.point[0], longitude=details.point[1]) if details.point else None,
        starts=starts,
        ends=ends,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        doubled=comes_twice(found.starts_at) or comes_twice(found.ends_at),
        capacity=found.capacity,
        coming_parties=found.coming_parties,
        coming=found.coming,
        waiting_parties=found.waiting_parties,
        waiting=found.waiting,
        told=told,
        link=f"?start=meet-{found.meeting_id}",
    )
