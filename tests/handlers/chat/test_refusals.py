"""A refusal that a deed has no words for is told in those of its kind; nothing is buried."""

import pytest

from domain.refusals import KINDS, Refusal, TooMany
from handlers.chat.tap import Tap
from handlers.subjects import DEEDS
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
