"""The accounts of the staff: made and ended with commands, entered by one-time links, used by API tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import pyotp

from domain.refusals import Invalid, NotThere
from domain.sealing import Place, new_id, seal, unseal
from domain.signals.workflow import Kind
from domain.staff.rights import LINK_LASTS, SCOPES, Mandate, Scope, StaffRole, about_organisation
from services.work import Work
from storage.engine import vault
from storage.staff import accounts

ISSUER = "Buurtstem"
_TOKEN_PREFIX = "bst_"  # noqa: S105 - a mark by which a leaked token is recognised


class UnknownStaff(NotThere):
    """No member of staff has that e-mail address."""


class KnownStaff(Invalid):
    """A member of staff has that e-mail address already."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who acts now. tag: their pseudonym in the access log · scopes: of the session or token."""

    staff_id: str
    tag: bytes
    mandate: Mandate
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a one-time link offers: the account, and the TOTP secret to enrol, as a URI for an app and as text."""

    email: str
    otpauth: str
    secret: str


async def create(
    work: Work,
    email: str,
    role: StaffRole,
    *,
    areas: Iterable[str] | None = None,
    kinds: Iterable[Kind] | None = None,
    organisation: str = "none",
) -> str:
    """Make a member of staff; returns the secret part of the one-time sign-in link.

    areas, kinds: None means all. Raises KnownStaff, and ValueError for an address or organisation that is not valid.
    """
    email = _address(email)
    about_organisation(organisation)
    record, key = await vault.new_record(work)
    staff_id = new_id()
    values = {
        "id": staff_id,
        "record_id": record,
        "email_tag": email_tag(work, email),
        "email": seal(key, email.encode(), Place("staff", staff_id, "email")),
        "role": role.value,
        "areas": _joined(areas),
        "kinds": _joined(kinds),
        "organisation": organisation,
        "since": work.today,
    }
    if not await accounts.add_member(work, values):
        raise KnownStaff(f"{email} is a member of staff already")
    return await _link(work, staff_id, key)


async def new_link(work: Work, email: str) -> str:
    """The secret part of a new one-time link, for a lost password or device; older links end. Raises UnknownStaff."""
    member = await _by_email(work, email)
    return await _link(work, member.id, await vault.open_record(work, member.record_id))


async def new_token(work: Work, email: str, scopes: Iterable[Scope] | None = None) -> str:
    """A new API token, by default with all scopes of the role. Raises UnknownStaff, ValueError for other scopes."""
    member = await _by_email(work, email)
    allowed = SCOPES[StaffRole(member.role)]
    wanted = allowed if scopes is None else frozenset(scopes)
    if not wanted or not wanted <= allowed:
        raise ValueError(f"the role {member.role} allows {', '.join(sorted(allowed)) or 'no API token'}")
    token = _TOKEN_PREFIX + secrets.token_urlsafe(32)
    await accounts.add_token(work, hashed(token), member.id, " ".join(sorted(wanted)))
    return token


async def everybody(work: Work) -> list[tuple[str, Mandate]]:
    """The e-mail address and mandate of each member of staff."""
    found = []
    for member in await accounts.all_members(work):
        key = await vault.open_record(work, member.record_id)
        found.append((_email(key, member), _mandate(member)))
    return found


async def mandates(work: Work) -> tuple[Mandate, ...]:
    """The mandate of each member of staff who can sign in: one statement, and no key is opened."""
    return tuple(_mandate(member) for member in await accounts.all_members(work) if member.password is not None)


async def dismiss(work: Work, email: str) -> None:
    """End an account: links, sessions and tokens at once, the record key destroyed. Raises UnknownStaff."""
    member = await _by_email(work, email)
    await accounts.drop_member(work, member.id)
    await vault.destroy_record(work, member.record_id, "staff")


async def invitation(work: Work, link: str) -> Invitation | None:
    """What a one-time link offers; None when it is unknown, used or ended. Looking does not use it up."""
    found = await accounts.link_by_hash(work, hashed(link))
    member = await accounts.member_by_id(work, found.staff_id) if found else None
    if not found or not member:
        return None
    key = await vault.open_record(work, member.record_id)
    email = _email(key, member)
    secret = unseal(key, found.totp, _link_place(found.token_hash)).decode()
    return Invitation(email, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER), secret)


async def acting(work: Work, staff_id: str, scopes: str | None = None) -> Staff | None:
    """The member of staff, None when gone. scopes: what a token names, joined by spaces; None: all of the role."""
    member = await accounts.member_by_id(work, staff_id)
    if member is None:
        return None
    mandate = _mandate(member)
    allowed = SCOPES[mandate.role]
    granted = allowed if scopes is None else allowed & {Scope(scope) for scope in scopes.split()}
    return Staff(member.id, work.keys.tag("staff", member.id), mandate, granted)


async def who(work: Work, tag: bytes) -> tuple[StaffRole, str] | None:
    """The role and organisation behind a pseudonym of the access log; None when they are no longer here."""
    for member in await accounts.all_members(work):
        if work.keys.tag("staff", member.id) == tag:
            return StaffRole(member.role), member.organisation
    return None


async def bearer(work: Work, token: str) -> Staff | None:
    """The member of staff who holds this API token; None when it is unknown."""
    found = await accounts.token_by_hash(work, hashed(token))
    return await acting(work, found.staff_id, found.scopes) if found else None


def hashed(token: str) -> bytes:
    """The hash (SHA-256) that is kept of a secret token. Tokens are long and random, so that they need no salt."""
    return hashlib.sha256(token.encode()).digest()


def email_tag(work: Work, email: str) -> bytes:
    """The tag by which the account of an e-mail address is found."""
    return work.keys.tag("staff-email", email.strip().casefold())


async def _link(work: Work, staff_id: str, key: bytes) -> str:
    token = secrets.token_urlsafe(32)
    totp = seal(key, pyotp.random_base32().encode(), _link_place(hashed(token)))
    values = {"token_hash": hashed(token), "staff_id": staff_id, "expires_at": work.now + LINK_LASTS, "totp": totp}
    await accounts.put_link(work, values)
    return token


def _link_place(token_hash: bytes) -> Place:
    return Place("sign_in_links", token_hash.hex(), "totp")


async def _by_email(work: Work, email: str) -> accounts.StaffRow:
    member = await accounts.member_by_email(work, email_tag(work, email))
    if member is None:
        raise UnknownStaff("no member of staff has that e-mail address")
    return member


def _mandate(member: accounts.StaffRow) -> Mandate:
    areas = None if member.areas is None else frozenset(member.areas.split("\n"))
    kinds = None if member.kinds is None else frozenset(Kind(kind) for kind in member.kinds.split("\n"))
    return Mandate(StaffRole(member.role), areas, kinds, member.organisation)


def _joined(names: Iterable[str] | None) -> str | None:
    return None if names is None else "\n".join(sorted(str(name) for name in names))


def _address(email: str) -> str:
    email = email.strip().casefold()
    before, _, after = email.partition("@")
    if not (before and after) or len(email) > 200 or not email.isprintable() or " " in email:
        raise ValueError(f"{email!r} is not an e-mail address")
    return email


def _email(key: bytes, member: accounts.StaffRow) -> str:
    return unseal(key, member.email, Place("staff", member.id, "email")).decode()
