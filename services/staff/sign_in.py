"""How staff come in and stay in: one-time links, password and TOTP, short sessions, wrong tries counted."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from domain.refusals import Invalid, TooMany
from domain.sealing import Place, seal, unseal
from domain.staff.rights import PASSWORD_LIMIT, PASSWORD_MINIMUM, SESSION_IDLES, SESSION_LASTS
from domain.wall_clock import day_of
from services.staff.accounts import Staff, acting, email_tag, hashed, invitation
from services.staff.sign_in_limits import Tries
from services.work import Work
from storage.engine import vault
from storage.staff import accounts

_SEEN_EVERY = timedelta(minutes=1)
_REPEATS_FOR = timedelta(days=2)
# 19 MiB, two passes, one lane (OWASP, Password Storage Cheat Sheet): the 64 MiB of the library's own choice would
# be a quarter of all that the program holds, at each sign-in. A second factor and counted tries stand beside it.
_PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checking an unknown account takes as much time as a known one.
_NOBODYS_PASSWORD = _PASSWORDS.hash(secrets.token_urlsafe(16))
_NOBODYS_SECRET = pyotp.random_base32()


class TooManyWrong(TooMany):
    """Too many wrong tries in this hour: until it ends, right ones are refused too."""


@dataclass(frozen=True, slots=True)
class Knock:
    """A sign-in before password and code are checked.

    known: this browser has signed in to the account before · full: there are too many wrong tries already · kept: the
    hash of the account's password, None where there is none.
    """

    known: bool
    full: bool
    kept: str | None = field(repr=False)

    async def fitting(self, password: str) -> str:
        """The kept hash if the password fits it, else "". Works in a thread; best called outside a unit of work."""
        if self.full:
            return ""
        right = await asyncio.to_thread(_verified, self.kept, password[: 4 * PASSWORD_LIMIT])
        return self.kept or "" if right else ""


class BadPassword(Invalid):
    """A new password that is too short, too long, or the e-mail address itself."""


class WrongOneTimeCode(Invalid):
    """Not the six digits that the enrolled device shows now."""


async def accept(work: Work, link: str, password: str, code: str) -> str | None:
    """Set password and TOTP with a one-time link and sign in: the session's token, None when the link has ended.

    All other sessions of that account end. Raises BadPassword and WrongOneTimeCode; the link stays good then.
    """
    offered = await invitation(work, link)
    found = await accounts.link_by_hash(work, hashed(link))
    member = await accounts.member_by_id(work, found.staff_id) if found else None
    if not offered or not found or not member:
        return None
    password = _one_form(password)
    if not PASSWORD_MINIMUM <= len(password) <= PASSWORD_LIMIT or password.casefold() == offered.email:
        raise BadPassword
    step = _matching_step(work, offered.secret, code)
    if step is None:
        raise WrongOneTimeCode
    key = await vault.open_record(work, member.record_id)
    await accounts.change_member(
        work,
        member.id,
        password=await asyncio.to_thread(_PASSWORDS.hash, password),
        totp=seal(key, offered.secret.encode(), _totp_place(member.id)),
        totp_step=step,
    )
    await accounts.drop_sessions(work, staff_id=member.id)
    return await enter(work, link)


async def enter(work: Work, link: str) -> str | None:
    """Sign in with a one-time link alone: the session's token, None when the link has ended.

    Called directly only for a demonstration.
    """
    found = await accounts.link_by_hash(work, hashed(link))
    if not found or not await accounts.drop_link(work, found.token_hash):
        return None
    return await _new_session(work, found.staff_id)


async def knock(work: Work, email: str, device: str, network: str) -> Knock:
    """Read what checking a sign-in needs. device, network: as Tries has them."""
    tries = Tries(work, email, device, network)
    member = await accounts.member_by_email(work, email_tag(work, email))
    return Knock(tries.known, bool(await tries.full_until(work)), member.password if member else None)


async def sign_in(
    work: Work,
    email: str,
    password: str,
    code: str,
    device: str = "",
    network: str = "",
    fits: str | None = None,
) -> str | None:
    """Sign in: the new session's token, or None when anything was wrong, without telling what. Raises TooManyWrong.

    device, network: as Tries has them · fits: what `Knock.fitting` found; None to check the password here. A wrong try
    is counted in this unit of work: the caller must let it end well.
    """
    tries = Tries(work, email, device, network)
    # Lock the account first: tries that come at once are counted one after another.
    member = await accounts.member_by_email(work, email_tag(work, email), lock=True)
    if until := await tries.full_until(work):
        raise TooManyWrong(until)
    kept = member.password if member else None
    if fits is None:
        fits = await Knock(tries.known, False, kept).fitting(password)
    right = bool(fits) and fits == kept
    step = await _fresh_step(work, member, code)
    if not member or not right or step is None:
        await tries.one_wrong(work, password_right=right)
        return None
    await accounts.change_member(work, member.id, totp_step=step)
    return await _new_session(work, member.id)


async def signed_in(work: Work, session: str) -> Staff | None:
    """Who holds this session; None when it is unknown or over."""
    token = hashed(session)
    found = await accounts.session_by_hash(work, token)
    if found is None:
        return None
    if work.now - found.began_at >= SESSION_LASTS or work.now - found.seen_at >= SESSION_IDLES:
        await sign_out(work, session)
        return None
    if work.now - found.seen_at >= _SEEN_EVERY:
        await accounts.session_seen(work, token)
    return await acting(work, found.staff_id)


async def sign_out(work: Work, session: str) -> None:
    """End a session."""
    await accounts.drop_sessions(work, token_hash=hashed(session))


async def forget_ended(work: Work) -> None:
    """Forget sessions that are over, and requests that nobody repeats any more. For the clock."""
    await accounts.drop_sessions(work, before=work.now - SESSION_LASTS)
    await accounts.drop_requests_before(work, day_of(work.now - _REPEATS_FOR))


async def _new_session(work: Work, staff_id: str) -> str:
    token = secrets.token_urlsafe(32)
    await accounts.add_session(work, hashed(token), staff_id)
    return token


async def _fresh_step(work: Work, member: accounts.StaffRow | None, code: str) -> int | None:
    """The number of the 30-second step of a code that fits and was not used before; None for any other code."""
    if member is None or member.totp is None:
        _matching_step(work, _NOBODYS_SECRET, code)
        return None
    key = await vault.open_record(work, member.record_id)
    secret = unseal(key, member.totp, _totp_place(member.id)).decode()
    step = _matching_step(work, secret, code)
    return step if step is not None and step > member.totp_step else None


def _matching_step(work: Work, secret: str, code: str) -> int | None:
    totp = pyotp.TOTP(secret)
    digits = "".join(code.split()).encode()
    now = int(work.now.timestamp()) // totp.interval
    # One step of 30 seconds either way: clocks differ, and people type slowly.
    fitting = [step for step in (now, now - 1, now + 1) if secrets.compare_digest(_digits(totp, step), digits)]
    return fitting[0] if fitting else None


def _digits(totp: pyotp.TOTP, step: int) -> bytes:
    return totp.generate_otp(step).encode()


def _one_form(password: str) -> str:
    """The password in one Unicode form: machines send é as one sign or as two. Source: RFC 8265, OpaqueString."""
    return unicodedata.normalize("NFC", password)


def _verified(password_hash: str | None, password: str) -> bool:
    """Whether the password fits in any Unicode form, for older hashes may have another. The same work in any case."""
    known = password_hash or _NOBODYS_PASSWORD
    # Every different form is tried: how many there are depends on what was typed, and on nothing that is kept.
    forms = dict.fromkeys((_one_form(password), password, unicodedata.normalize("NFD", password)))
    fitting = [form for form in forms if _fits(known, form)]
    return bool(fitting) and password_hash is not None


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _PASSWORDS.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _totp_place(staff_id: str) -> Place:
    return Place("staff", staff_id, "totp")
