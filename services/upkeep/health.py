"""How the deployment is: what `python -m bot doctor` asks of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.signals.workflow import About
from domain.staff.promises import unread
from services.people import updates
from services.speaking import delivering
from services.staff import accounts
from services.upkeep import keeping, rotation
from services.upkeep.keeping import Checked
from services.work import Work
from storage.engine.database import is_newest

_SAMPLE = 100
__all__ = ["Health", "health", "is_newest"]


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a deployment.

    keys: of a sample of the record keys · unsaid: messages by state · buried: updates that could not be handled ·
    unread: how many kinds of report, each counted per area, nobody reads · no_confidant: reports about an organisation
    have no reader · processes: role and place of each live process (none on SQLite, where there is one) · halted:
    seconds for which Telegram still wants nothing sent.
    """

    keys: Checked
    unsaid: Mapping[str, int]
    buried: int
    unread: int
    no_confidant: bool
    processes: Sequence[tuple[str, str]] = ()
    halted: float = 0.0


async def health(work: Work) -> Health | None:
    """Read the state of the deployment and change nothing; None when the database has not this version's form."""
    if not await is_newest(work):
        return None
    gaps = unread(await accounts.mandates(work))
    about = [one for one in gaps if one[2] != About.NOBODY]
    keys, unsaid = await keeping.check_keys(work, _SAMPLE), await delivering.waiting(work)
    return Health(
        keys,
        unsaid,
        await updates.buried(work),
        len(gaps) - len(about),
        bool(about),
        await rotation.members(work),
        await delivering.halted_for(work),
    )
