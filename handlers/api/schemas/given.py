"""What all request bodies have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="The version that was read; it counts up with each change.")
]


class RequestBody(BaseModel):
    """A request body. A member that we don't know is refused."""

    model_config = ConfigDict(extra="forbid")
