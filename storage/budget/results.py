"""The published result of a vote that is over: the content of its results.json, for the bot and the pages."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from storage.engine.unit_of_work import UnitOfWork, table_of


class PublishedResultTable(SQLModel, table=True):
    """One published result. content: JSON, as it stands in the public file."""

    __tablename__ = "published_results"

    round_id: str = Field(primary_key=True, max_length=26)
    content: str


_results = table_of(PublishedResultTable)


async def put_result(work: UnitOfWork, round_id: str, content: str) -> None:
    """Keep the published result of a round, in place of an older one."""
    await work.run(delete(_results).where(_results.c.round_id == round_id))
    await work.run(_results.insert(), {"round_id": round_id, "content": content})


async def result_of(work: UnitOfWork, round_id: str) -> str | None:
    """The published result of a round (JSON), or None."""
    query = select(_results.c.content).where(_results.c.round_id == round_id)
    found: str | None = (await work.run(query)).scalar_one_or_none()
    return found
