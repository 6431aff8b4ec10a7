"""A refusal that no page has words for is told in those of its kind, in the reader's language."""

from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from fastapi import APIRouter

from domain.refusals import KINDS, Refusal, TooMany
from handlers.console.app import make_console
from locales.texts import LANGUAGES, say

SAID = {
    "NotThere": (404, "console.error.not_found"), "Changed": (409, "screens.refusal.changed"),
    "NotAllowed": (403, "console.error.not_allowed"), "Invalid": (422, "screens.refusal.invalid"),
    "TooMany": (429, "screens.refusal.too_many"), "NotNow": (409, "screens.refusal.not_now"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_each_kind_is_told(kind: type[Refusal], language: str) -> None:
    router = APIRouter()

    @router.get("/refused")
    async def asked() -> None:
        raise kind(datetime(2026, 11, 29, 12, tzinfo=UTC)) if kind is TooMany else kind()

    app = make_console(lambda: pytest.fail("nothing is opened"), [router], secure=False, demo=False)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        answer = await client.get("/refused", headers={"Accept-Language": language})
    status, key = SAID[kind.__name__]
    begins = say(language, key, {"until": "\0"}).partition("\0")[0].strip("\u2068\u200f ")
    assert answer.status_code == status
    assert begins in unescape(answer.text)
    assert f'lang="{language}"' in answer.text
