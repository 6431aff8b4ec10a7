"""Who will read a report, by the mandates of all staff: told to residents before they send it."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from domain.neighbourhoods import ALL
from domain.signals.workflow import About, Kind
from domain.staff.rights import Mandate, StaffRole, may_see


class ReportReader(StrEnum):
    """Who reads a report; NO_CONFIDANT and NOBODY are said honestly before it is sent."""

    TEAM = "team"
    CONFIDANT = "confidant"
    NO_CONFIDANT = "no_confidant"
    NOBODY = "nobody"


def reader(staff: Collection[Mandate], kind: Kind, area: str | None, about: About) -> ReportReader:
    """Who of the staff reads a report of that kind, from that area (None: not known), about that organisation.

    A viewer counts as nobody, for a viewer can't answer.
    """
    role, there, missing = StaffRole.HANDLER, ReportReader.TEAM, ReportReader.NOBODY
    if about != About.NOBODY:
        role, there, missing = StaffRole.CONFIDANT, ReportReader.CONFIDANT, ReportReader.NO_CONFIDANT
    return there if any(one.role == role and may_see(one, kind, area, about) for one in staff) else missing


def unread(staff: Collection[Mandate]) -> list[tuple[Kind, str | None, About]]:
    """Each kind, area and organisation whose reports nobody reads."""
    areas = (None, *sorted({one.area for one in ALL}))
    return [
        (kind, area, about)
        for kind in Kind
        for area in areas
        for about in About
        if reader(staff, kind, area, about) in (ReportReader.NO_CONFIDANT, ReportReader.NOBODY)
    ]
