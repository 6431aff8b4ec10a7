"""The keys of a round, all made from its one secret, and what is sealed with them: drafts and ballots.

The secret is in no backup and is destroyed at the close (docs/decisions/0011).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.budget.commitments import SealedChoice
from domain.reach import Reach
from domain.sealing import KeyRing, Place, seal_json, unseal_json
from services.work import Work
from storage.budget import ballots


@dataclass(frozen=True, slots=True)
class RoundKeys:
    """The keys of a round, all made from its `secret` (32 bytes). The keys have 32 bytes too."""

    secret: bytes = field(repr=False)

    @property
    def drafts(self) -> bytes:
        """The key that seals the drafts, and the screens that show a choice."""
        return self._made("drafts")

    @property
    def ballots(self) -> bytes:
        """The key that seals the ballots."""
        return self._made("ballots")

    def ballot_tag(self, code: str) -> bytes:
        """The tag by which the ballot box knows a code (HMAC₂): typing the code finds the ballot, the roll does not."""
        return hmac.digest(self._made("tags"), code.encode(), hashlib.sha256)

    def shuffled(self, code: str, numbers: Iterable[int]) -> tuple[int, ...]:
        """Numbers in an order that is random, and the same each time for one code."""
        key = self._made("order")
        return tuple(sorted(numbers, key=lambda one: hmac.digest(key, f"{code}|{one}".encode(), hashlib.sha256)))

    def _made(self, purpose: str) -> bytes:
        return hmac.digest(self.secret, f"round|{purpose}".encode(), hashlib.sha256)


def draft_tag(keys: KeyRing, reach: Reach) -> bytes:
    """The pseudonym of a chat in the table of drafts; in every other table it has another one."""
    return keys.tag("drafts", reach.plain)


async def round_keys(work: Work, round_id: str) -> RoundKeys:
    """The keys of a round whose vote has not closed. Raises LookupError once they are destroyed."""
    wrapped = await ballots.wrapped_key(work, round_id)
    if wrapped is None:
        raise LookupError("the keys of this round were destroyed")
    return RoundKeys(work.keys.unwrap(wrapped, round_id))


def sealed_ballot(keys: RoundKeys, code: str, round_id: str, ballot: SealedChoice) -> dict[str, Any]:
    """The row of a ballot. All are of one length: 20 choices, receipt and salt fit into one step of the padding."""
    tag = keys.ballot_tag(code)
    content = [list(ballot.choices), ballot.receipt, ballot.salt]
    return {"ballot_tag": tag, "round_id": round_id, "content": seal_json(keys.ballots, content, _ballot_place(tag))}


def opened_ballot(keys: RoundKeys, row: ballots.BallotRow) -> SealedChoice:
    """The ballot that is sealed in a row. Raises domain.sealing.CannotOpen."""
    choices, receipt, salt = unseal_json(keys.ballots, row.content, _ballot_place(row.ballot_tag))
    return SealedChoice(tuple(choices), receipt, salt)


def sealed_draft(keys: RoundKeys, draft_id: str, content: Mapping[str, Any]) -> bytes:
    """The content of a draft, sealed: reach, code, choices."""
    return seal_json(keys.drafts, dict(content), _draft_place(draft_id))


def opened_draft(keys: RoundKeys, row: ballots.DraftRow) -> dict[str, Any]:
    """The content of a draft: reach, code, choices. Raises domain.sealing.CannotOpen."""
    content: dict[str, Any] = unseal_json(keys.drafts, row.content, _draft_place(row.id))
    return content


def _draft_place(draft_id: str) -> Place:
    return Place("drafts", draft_id, "content")


def _ballot_place(tag: bytes) -> Place:
    return Place("ballots", tag.hex(), "content")
