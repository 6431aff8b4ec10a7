"""Members of staff: their appointment, one-time links, sessions and API tokens; of every secret only a hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Field, SQLModel

from storage.engine.columns import blob, moment
from storage.engine.unit_of_work import UnitOfWork, table_of


class StaffRow(SQLModel):
    """A member of staff. areas, kinds: names joined by newlines, None = all.

    email: sealed text and totp: sealed secret, under the member's own record key · password: an argon2id hash ·
    totp_step: the last 30-second step whose code was used, so that none is used twice.
    """

    id: str = Field(primary_key=True, max_length=26)
    record_id: str = Field(max_length=26, unique=True)
    email_tag: bytes = blob(unique=True)
    email: bytes = blob()
    role: str = Field(max_length=12)
    areas: str | None = None
    kinds: str | None = None
    organisation: str = Field(max_length=80)
    password: str | None = Field(default=None, max_length=200)
    totp: bytes | None = blob(default=None, nullable=True)
    totp_step: int = 0
    since: date


class StaffTable(StaffRow, table=True):
    """The table of the staff."""

    __tablename__ = "staff"


class SignInLinkTable(SQLModel, table=True):
    """A link that signs its holder in once. totp: the sealed secret that is offered at the enrolment."""

    __tablename__ = "sign_in_links"

    token_hash: bytes = blob(primary_key=True)
    staff_id: str = Field(max_length=26, index=True)
    expires_at: datetime = moment()
    totp: bytes = blob()


class StaffSessionTable(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__ = "staff_sessions"

    token_hash: bytes = blob(primary_key=True)
    staff_id: str = Field(max_length=26, index=True)
    began_at: datetime = moment(index=True)
    seen_at: datetime = moment()


class StaffTokenTable(SQLModel, table=True):
    """An API token. scopes: names joined by spaces."""

    __tablename__ = "staff_tokens"

    token_hash: bytes = blob(primary_key=True)
    staff_id: str = Field(max_length=26, index=True)
    scopes: str = Field(max_length=200)
    made_on: date


class RepeatedRequestTable(SQLModel, table=True):
    """A request that must have its effect once: its keyed tag, what it asked (keyed tag too), and what it made."""

    __tablename__ = "repeated_requests"

    tag: bytes = blob(primary_key=True)
    asked: bytes = blob()
    made: str = Field(max_length=26)
    day: date = Field(index=True)


class LinkRow(NamedTuple):
    """A sign-in link that has not expired."""

    token_hash: bytes
    staff_id: str
    totp: bytes


class SessionRow(NamedTuple):
    """A session, over or not."""

    staff_id: str
    began_at: datetime
    seen_at: datetime


class Token(NamedTuple):
    """An API token."""

    staff_id: str
    scopes: str


class Repeated(NamedTuple):
    """The first request with its tag: what it asked, as a keyed tag, and the id of what it made."""

    asked: bytes
    made: str


_staff = table_of(StaffTable)
_links = table_of(SignInLinkTable)
_sessions = table_of(StaffSessionTable)
_tokens = table_of(StaffTokenTable)
_repeated = table_of(RepeatedRequestTable)


def _member(row: Any) -> StaffRow | None:
    return StaffRow.model_construct(**row) if row else None


async def add_member(work: UnitOfWork, values: Mapping[str, Any]) -> bool:
    """Add a member of staff. False when that e-mail address is known already."""
    insert = work.insert(StaffTable).values(**values).on_conflict_do_nothing(index_elements=[_staff.c.email_tag])
    return (await work.run(insert)).rowcount == 1


async def member_by_email(work: UnitOfWork, email_tag: bytes, *, lock: bool = False) -> StaffRow | None:
    """The member with that e-mail address. `lock`: lock the row until the work ends."""
    query = select(_staff).where(_staff.c.email_tag == email_tag)
    return _member((await work.run(query.with_for_update() if lock else query)).mappings().one_or_none())


async def member_by_id(work: UnitOfWork, staff_id: str) -> StaffRow | None:
    """The member with that id."""
    return _member((await work.run(select(_staff).where(_staff.c.id == staff_id))).mappings().one_or_none())


async def all_members(work: UnitOfWork) -> list[StaffRow]:
    """Everybody of the staff, longest there first."""
    rows = (await work.run(select(_staff).order_by(_staff.c.since, _staff.c.id))).mappings()
    return [StaffRow.model_construct(**row) for row in rows]


async def change_member(work: UnitOfWork, staff_id: str, **values: object) -> None:
    """Change columns of one member."""
    await work.run(update(_staff).where(_staff.c.id == staff_id).values(**values))


async def drop_member(work: UnitOfWork, staff_id: str) -> None:
    """Remove a member with links, sessions and tokens. The record key is destroyed by the caller."""
    for table in (_links, _sessions, _tokens):
        await work.run(delete(table).where(table.c.staff_id == staff_id))
    await work.run(delete(_staff).where(_staff.c.id == staff_id))


async def put_link(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a link; the member's older ones end."""
    await work.run(delete(_links).where(_links.c.staff_id == values["staff_id"]))
    await work.run(_links.insert(), values)


async def link_by_hash(work: UnitOfWork, token_hash: bytes) -> LinkRow | None:
    """The link, locked until the work ends; None when it is unknown or has expired."""
    query = select(_links.c.token_hash, _links.c.staff_id, _links.c.totp)
    query = query.where(_links.c.token_hash == token_hash, _links.c.expires_at > work.now).with_for_update()
    row = (await work.run(query)).one_or_none()
    return LinkRow._make(row) if row else None


async def drop_link(work: UnitOfWork, token_hash: bytes) -> bool:
    """Use a link up. False when somebody else was first."""
    return (await work.run(delete(_links).where(_links.c.token_hash == token_hash))).rowcount == 1


async def add_session(work: UnitOfWork, token_hash: bytes, staff_id: str) -> None:
    """Keep a session that begins now."""
    values = {"token_hash": token_hash, "staff_id": staff_id, "began_at": work.now, "seen_at": work.now}
    await work.run(_sessions.insert(), values)


async def session_by_hash(work: UnitOfWork, token_hash: bytes) -> SessionRow | None:
    """The session, whatever its age, or None."""
    query = select(_sessions.c.staff_id, _sessions.c.began_at, _sessions.c.seen_at)
    row = (await work.run(query.where(_sessions.c.token_hash == token_hash))).one_or_none()
    return SessionRow._make(row) if row else None


async def session_seen(work: UnitOfWork, token_hash: bytes) -> None:
    """Write down that the session is in use."""
    await work.run(update(_sessions).where(_sessions.c.token_hash == token_hash).values(seen_at=work.now))


async def drop_sessions(
    work: UnitOfWork, *, token_hash: bytes | None = None, staff_id: str | None = None, before: datetime | None = None
) -> None:
    """End one session, all of one member, or those that began before a moment."""
    if token_hash is not None:
        await work.run(delete(_sessions).where(_sessions.c.token_hash == token_hash))
    if staff_id is not None:
        await work.run(delete(_sessions).where(_sessions.c.staff_id == staff_id))
    if before is not None:
        await work.run(delete(_sessions).where(_sessions.c.began_at < before))


async def add_token(work: UnitOfWork, token_hash: bytes, staff_id: str, scopes: str) -> None:
    """Keep an API token."""
    values = {"token_hash": token_hash, "staff_id": staff_id, "scopes": scopes, "made_on": work.today}
    await work.run(_tokens.insert(), values)


async def token_by_hash(work: UnitOfWork, token_hash: bytes) -> Token | None:
    """The API token with this hash, or None."""
    query = select(_tokens.c.staff_id, _tokens.c.scopes).where(_tokens.c.token_hash == token_hash)
    row = (await work.run(query)).one_or_none()
    return Token._make(row) if row else None


async def first_request(work: UnitOfWork, tag: bytes, asked: bytes, made: str) -> Repeated | None:
    """Keep a request that must have its effect once. Returns None for the first with its tag, else that first one."""
    values = {"tag": tag, "asked": asked, "made": made, "day": work.today}
    insert = work.insert(RepeatedRequestTable).values(**values).on_conflict_do_nothing(index_elements=[_repeated.c.tag])
    if (await work.run(insert)).rowcount == 1:
        return None
    return await earlier_request(work, tag)


async def earlier_request(work: UnitOfWork, tag: bytes) -> Repeated | None:
    """What is kept of the request with that tag, or None."""
    row = (await work.run(select(_repeated.c.asked, _repeated.c.made).where(_repeated.c.tag == tag))).one_or_none()
    return Repeated._make(row) if row else None


async def drop_requests_before(work: UnitOfWork, day: date) -> None:
    """Forget requests that nobody will repeat any more."""
    await work.run(delete(_repeated).where(_repeated.c.day < day))
