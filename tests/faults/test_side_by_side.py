"""Two transactions at once on PostgreSQL: what one adds to a signal that the other erases is gone too."""

import asyncio

from sqlalchemy import text

from domain.screens import Screen, Words
from domain.sealing import KeyRing, new_id, seal
from domain.signals.workflow import Kind, Report
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.people import residents
from services.signals import reporting, sealed_places
from storage.engine.database import Database
from storage.signals import cases as rows
from tests.opened import everything, opened

ME = 4711


async def waits(database: Database) -> bool:
    """Whether a transaction waits for another's lock."""
    async with database.reading() as work:
        query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool((await work.run(query)).scalar_one())


async def test_what_staff_add_while_a_signal_is_erased_does_not_stay_behind(postgres_url: str, keys: KeyRing) -> None:
    async with opened(postgres_url, keys) as database:
        async with database.begin() as work:
            me = await residents.arrive(work, reach_of(ME), "nl")
            receipt = await reporting.report(
                work, me.reach, Report(Kind.NUISANCE, "Een verhaal.", "nl", neighbourhood="FK01")
            )
        erasing = asyncio.Event()

        async def erase() -> None:
            async with database.begin() as work:
                row = await rows.signal_by_id(work, receipt.signal_id)
                assert row is not None
                erasing.set()
                await reporting.erase_signal(work, row, "retention")

        async with database.begin() as work:
            assert await rows.signal_by_id(work, receipt.signal_id, lock=True)
            task = asyncio.create_task(erase())
            await erasing.wait()
            while not await waits(database):
                await asyncio.sleep(0.01)
            message = new_id()
            words = seal(keys.pseudonyms, b"an answer", sealed_places.message_place(message))
            await rows.add_message(
                work,
                {
                    "id": message, "signal_id": receipt.signal_id, "from_staff": True, "author_tag": None,
                    "words": words, "language": "nl", "day": work.today,
                },
            )  # fmt: skip
            await saying.show(work, reach_of(ME), Screen((Words("news"),)), about=receipt.signal_id)
        await task
        async with database.reading() as work:
            left = await everything(work)
    assert [name for name in ("signals", "signal_messages", "outbox") if left[name]] == []
