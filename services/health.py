"""How the deployment is: what `python -m bot doctor` asks of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services import keeping, rotation, speaking, updates
from services.keeping import Checked
from services.work import Work
from storage.database import is_newest

_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Health:
    """keys: of a sample of the record keys · unsaid: messages by state · buried: updates that could not be handled.

    processes: role and place of each live process (none on SQLite, where there is one).
    """

    keys: Checked
    unsaid: Mapping[str, int]
    buried: int
    processes: Sequence[tuple[str, str]] = ()


async def health(work: Work) -> Health | None:
    """Ask; nothing is changed. None when the database has not the form of this version: it can't be asked then."""
    if not await is_newest(work):
        return None
    tried = await keeping.check_keys(work, _SAMPLE)
    return Health(tried, await speaking.waiting(work), await updates.buried(work), await rotation.members(work))
