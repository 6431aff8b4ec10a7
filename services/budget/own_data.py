"""What a resident may see of their vote: the ballot that is not cast, in plain words and JSON-able."""

from __future__ import annotations

from typing import Any

from domain.reach import Reach
from services.budget.round_keys import draft_tag, opened_draft, round_keys
from services.budget.rounds import round_of
from services.work import Work
from storage.budget import ballots


async def ballot_of(work: Work, reach: Reach) -> dict[str, Any] | None:
    """The ballot that a resident has begun and not cast, or None. A cast one is found by its code, not by person."""
    row = await ballots.draft_by_tag(work, draft_tag(work.keys, reach))
    if row is None:
        return None
    content = opened_draft(await round_keys(work, row.round_id), row)
    title = (await round_of(work, row.round_id)).title
    return {"round": title, "code": content["code"], "plans": content["choices"], "reminded": row.reminded or "no"}
