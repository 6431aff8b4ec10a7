"""Wrong sign-ins, counted so that nobody shuts out another: see docs/decisions, 20."""

from __future__ import annotations

import secrets
from datetime import datetime

from domain.staff.rights import (
    WRONG_CODES,
    WRONG_PER_ACCOUNT,
    WRONG_PER_NETWORK,
    WRONG_UNDER_ATTACK,
    WRONG_UNTIL_ATTACK,
)
from services.staff.accounts import email_tag
from services.work import Work
from storage.people import rates


class Tries:
    """The tries of one browser at one account in this hour.

    A browser that is known at the account has a count of its own, which no other can fill. All others share one count
    per account and network; it allows fewer tries while the network or the account is under attack, and never none.
    """

    def __init__(self, work: Work, email: str, device: str, network: str) -> None:
        """device: what `device_of` gave this browser, "" for nothing · network: as domain.staff.networks has it."""
        account = email_tag(work, email).hex()
        self.known = _is_device_of(work, email, device)
        self._own = _tag(work, device if self.known else f"{account} {network}")
        self._network, self._account = _tag(work, f"network {network}"), _tag(work, account)
        self._codes = _tag(work, f"codes {account}")

    async def full_until(self, work: Work) -> datetime | None:
        """The moment from which the next try is looked at; None: now."""
        if self.known:
            return await rates.full_until(work, self._own, WRONG_PER_ACCOUNT)
        attacked = await rates.full_until(work, self._network, WRONG_PER_NETWORK) or await rates.full_until(
            work, self._account, WRONG_UNTIL_ATTACK
        )
        most = WRONG_UNDER_ATTACK if attacked else WRONG_PER_ACCOUNT
        # Only somebody who knows the password can fill the second count: no stranger can shut an account with it.
        return await rates.full_until(work, self._own, most) or await rates.full_until(work, self._codes, WRONG_CODES)

    async def one_wrong(self, work: Work, *, password_right: bool) -> None:
        """Count a wrong try."""
        counted = [self._own] if self.known else [self._own, self._network, self._account]
        if password_right and not self.known:
            counted.append(self._codes)
        for tag in counted:
            await rates.once_more(work, tag)


def device_of(work: Work, email: str, mark: str = "") -> str:
    """What a browser keeps once this account has signed in there: wrong tries made elsewhere don't shut it out.

    mark: the random part; "" makes a new one. Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
    """
    mark = mark or secrets.token_urlsafe(16)
    return f"{mark}.{work.keys.tag('sign-in-device', f'{mark} {email_tag(work, email).hex()}').hex()}"


def device_name(work: Work, email: str) -> str:
    """The name of the cookie that holds `device_of`: another for each person, for some share a computer."""
    return f"device-{work.keys.tag('sign-in-device-name', email_tag(work, email).hex()).hex()[:8]}"


def _is_device_of(work: Work, email: str, device: str) -> bool:
    """Whether `device_of` gave out this `device` for that account."""
    mark = device.partition(".")[0]
    return bool(mark) and secrets.compare_digest(device_of(work, email, mark).encode(), device.encode())


def _tag(work: Work, counted: str) -> bytes:
    return work.keys.tag("wrong-sign-in", counted)
