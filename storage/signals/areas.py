"""The shapes of the neighbourhoods, where a deployment has imported them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from storage.engine.unit_of_work import UnitOfWork, table_of


class NeighbourhoodShapeTable(SQLModel, table=True):
    """The shape of one neighbourhood. rings: JSON, a list of rings of [longitude, latitude]."""

    __tablename__ = "neighbourhood_shapes"

    code: str = Field(primary_key=True, max_length=8)
    rings: str


_shapes = table_of(NeighbourhoodShapeTable)


async def put_shapes(work: UnitOfWork, shapes: Mapping[str, str]) -> None:
    """Replace all shapes by these. shapes: code of a neighbourhood -> rings (JSON)."""
    await work.run(delete(_shapes))
    if shapes:
        await work.run(_shapes.insert(), [{"code": code, "rings": rings} for code, rings in shapes.items()])


async def all_shapes(work: UnitOfWork) -> dict[str, str]:
    """The rings (JSON) of each neighbourhood that has a shape, by its code."""
    return {row.code: row.rings for row in await work.run(select(_shapes).order_by(_shapes.c.code))}
