"""What the button of an invitation may open, by name: the meetings to come and the rounds that have not ended."""

from __future__ import annotations

from dataclasses import dataclass

from domain.broadcasts.rules import OPENS
from domain.budget.rounds import RoundState
from domain.meetings.planning import MeetingStatus
from domain.screens import Told
from domain.staff.rights import Scope
from domain.wall_clock import TIMEZONE
from locales.texts import moment
from services.budget.round_acts import rounds
from services.meetings.planning import all_meetings
from services.staff.accounts import Staff
from services.work import Work


@dataclass(frozen=True, slots=True)
class Target:
    """A meeting or round that may be chosen: the button's deed, its id, and its name in the reader's language."""

    go: str
    value: str
    name: str

    @property
    def chosen(self) -> str:
        """The value that the form sends, `DEED.ID`; `read` takes it apart."""
        return f"{self.go}.{self.value}"


def read(chosen: str) -> tuple[str, str]:
    """The deed and the id of what was chosen in the form; both empty for no button."""
    go, _, value = chosen.partition(".")
    return go, value


async def targets(work: Work, staff: Staff, language: str) -> dict[str, list[Target]]:
    """The targets by deed, of the kinds that this member of staff plans.

    Meetings stand soonest first, rounds the latest opening first. language: of the targets' names.
    """
    meeting, vote = OPENS
    found: dict[str, list[Target]] = {}
    if Scope.MEETINGS in staff.scopes:
        coming = [one for one in await all_meetings(work, staff, language) if one.starts_at > work.now]
        found[meeting] = [
            Target(meeting, one.meeting_id, f"{one.theme} · {moment(language, one.starts_at, TIMEZONE)}")
            for one in sorted(coming, key=lambda one: one.starts_at)
            if one.status != MeetingStatus.CANCELLED
        ]
    if Scope.ROUNDS in staff.scopes:
        found[vote] = [
            Target(vote, one.id, f"{Told(one.title).spoken(language)} · {moment(language, one.closes_at, TIMEZONE)}")
            for one in await rounds(work, staff)
            if one.state != RoundState.FINISHED
        ]
    return {go: some for go, some in found.items() if some}
