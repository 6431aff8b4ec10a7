"""The member of staff who holds the token, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from handlers.api.auth import TokenHolder
from handlers.api.schemas.staff import Me

router = APIRouter(tags=["staff"])


@router.get("/me")
async def asked_for_me(staff: TokenHolder) -> Me:
    """What you were appointed to, and what your token allows."""
    mandate = staff.mandate
    return Me(
        role=mandate.role,
        areas=None if mandate.areas is None else sorted(mandate.areas),
        kinds=None if mandate.kinds is None else sorted(mandate.kinds),
        organisation=mandate.organisation,
        scopes=sorted(staff.scopes),
    )
