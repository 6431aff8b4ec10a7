"""The form of every refusal: RFC 9457."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Mistake(BaseModel):
    """One wrong value. What was sent is not repeated."""

    where: str = Field(description="The place of the value: body, query, path or header, then its name.")
    why: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Why a request was refused."""

    type: str = Field(
        description="What kind of problem, for programs.", examples=["urn:buurtstem:problem:reason-needed"]
    )
    title: str = Field(description="The HTTP status in words.", examples=["Forbidden"])
    status: int = Field(description="The HTTP status.", examples=[403])
    detail: str = Field(description="What is wrong and what to do, for people, in English.")
    errors: list[Mistake] | None = Field(
        default=None, description="With `invalid` and `wrong-…`: each wrong value, 20 at most."
    )
    possible: list[str] | None = Field(
        default=None, description="With `move-not-possible` of a signal and `act-not-possible`: what can be done."
    )
