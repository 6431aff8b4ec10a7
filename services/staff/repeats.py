"""Idempotency: a request that is repeated has one effect, and one idempotency key is for one request."""

from __future__ import annotations

from domain.refusals import Invalid
from services.staff.accounts import Staff
from services.work import Work
from storage.staff.accounts import earlier_request, first_request


class RepeatedDifferently(Invalid):
    """The same idempotency key was used for something else before. `made`: the id of what it made then."""

    def __init__(self, made: str) -> None:
        """Nothing was kept."""
        super().__init__("an idempotency key of something else")
        self.made = made


async def made_before(
    work: Work, staff: Staff, kind: str, once: str | None, content: str, made: str | None = None
) -> str | None:
    """The id of what the same request made before; None when this is the first.

    kind: what is made; each kind has keys of its own · once: the idempotency key, None where there is none · content:
    all that is asked for · made: the id of what this request makes, to note it; None only looks. A refusal shown on a
    page rolls nothing back: give `made` only when nothing can be refused any more. Raises RepeatedDifferently.
    """
    if once is None:
        return None
    tag = work.keys.tag(f"{kind}-once", f"{staff.staff_id}|{once}")
    asked = work.keys.tag(f"{kind}-asked", content)
    before = await (first_request(work, tag, asked, made) if made else earlier_request(work, tag))
    if before is not None and before.asked != asked:
        raise RepeatedDifferently(before.made)
    return before.made if before else None
