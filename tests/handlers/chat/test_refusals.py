"""A refusal that a deed has no words for is told in those of its kind; nothing is buried."""

import pytest

from conversations.engine.state import Done
from domain.refusals import KINDS, NotNow, Refusal, TooMany
from handlers.chat.tap import Tap
from handlers.subjects import DEEDS, ENDINGS
from services.people import updates
from tests.handlers.chat.phones import Bench, Phone

WORDS = {
    "NotThere": "Dit is er niet meer", "Changed": "net veranderd", "NotAllowed": "kan hier niet",
    "Invalid": "klopt niet", "TooMany": "te vaak", "NotNow": "kan nu niet",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_each_kind_is_told(
    bench: Bench, phone: Phone, kind: type[Refusal], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(tap: Tap, _value: str) -> None:
        raise kind(tap.work.now) if kind is TooMany else kind()

    monkeypatch.setitem(DEEDS, "mine", refuses)
    await phone.arrives()
    await phone.says("/mijn")
    assert WORDS[kind.__name__] in phone.last.text
    async with bench.database.reading() as work:
        assert await updates.buried(work) == 0


async def test_a_refused_ending_keeps_what_was_told(
    bench: Bench, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = ENDINGS["report"]

    async def refuses(_tap: Tap, _done: Done) -> None:
        raise NotNow

    monkeypatch.setitem(ENDINGS, "report", refuses)
    await phone.arrives()
    for words in ("/melden", "Harde muziek op het plein", "1"):
        await phone.says(words)
    await phone.taps("Naar het overzicht")
    await phone.taps("Versturen")
    assert "kan nu niet" in phone.last.text
    assert "Harde muziek op het plein" in phone.last.text
    assert await phone.signals() == []
    monkeypatch.setitem(ENDINGS, "report", sent)
    await phone.taps("Versturen")
    assert len(await phone.signals()) == 1
