"""How the reporter of a signal is reached and told that there is news, always neutrally: phones are shared."""

from __future__ import annotations

from domain.screens import Button, Screen, Text
from domain.sealing import unseal_json
from services.outbox import saying
from services.people import residents
from services.signals.sealed_places import place
from services.work import Work
from storage.engine import vault
from storage.signals import cases


async def reporter_of(work: Work, row: cases.SignalRow) -> dict[str, int] | None:
    """How the reporter is reached: telegram_id and chat_id; None when the line was cut."""
    if row.handle is None or row.handle_record_id is None:
        return None
    key = await vault.open_record(work, row.handle_record_id)
    handle: dict[str, int] = unseal_json(key, row.handle, place(row.id, "handle"))
    return handle


async def tell_news(work: Work, row: cases.SignalRow, *more: Text) -> None:
    """Tell that there is news, with `more` below it; the theme is never named."""
    await tell(work, row, (Text("signals.news.title"), *more))


async def tell(work: Work, row: cases.SignalRow, lines: tuple[Text, ...]) -> None:
    """Tell the reporter these lines, with a button to the signal; nothing when the line was cut or they said stop."""
    reporter = await reporter_of(work, row)
    if reporter is not None and await residents.wants_to_hear(work, reporter["telegram_id"]):
        look = Button(Text("signals.news.open"), go="follow", value=row.id)
        screen = Screen(lines, ((look,),))
        await saying.show(work, reporter["chat_id"], screen, thread=row.id, about=row.id, receipt=saying.NEWS)
