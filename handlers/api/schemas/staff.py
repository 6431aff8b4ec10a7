"""The member of staff who holds the token, and what they may do."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain.signals.workflow import Kind
from domain.staff.rights import Scope, StaffRole


class Me(BaseModel):
    """The member of staff whose token this is."""

    role: StaffRole
    areas: list[str] | None = Field(description="Names of gebieden; null = all.", examples=[["Osdorp"]])
    kinds: list[Kind] | None = Field(description="Kinds of signals; null = all.")
    organisation: str = Field(description="none, municipality, police, school or corporation:NAME.")
    scopes: list[Scope] = Field(description="What this token allows.")
