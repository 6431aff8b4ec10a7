"""What API routes take: one unit of work a request, the holder of the token, the key of a request that may repeat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from services.staff.accounts import Staff, bearer
from services.work import Work

_TOKEN = HTTPBearer(auto_error=False, description="A token of `python -m bot staff token EMAIL`.")


async def _open_work(request: Request) -> AsyncIterator[Work]:
    async with request.app.state.begin() as work:
        yield work


# scope="function": the commit comes before the answer goes out, so no answer tells of a change that was not kept.
OpenWork = Annotated[Work, Depends(_open_work, scope="function")]


async def _token_holder(
    work: OpenWork, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_TOKEN)]
) -> Staff:
    staff = await bearer(work, credentials.credentials) if credentials else None
    if staff is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return staff


TokenHolder = Annotated[Staff, Depends(_token_holder, scope="function")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=8, max_length=200, description="Any text of your own: the same request again has no second effect."
    ),
]
ReadVersion = Annotated[int, Query(alias="version", ge=1, le=2**31 - 1, description="The version you read.")]
