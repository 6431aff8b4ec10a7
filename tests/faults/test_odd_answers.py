"""Odd answers of Telegram and of proxies, to every method used: none of them is taken for Telegram's last word."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from telegram import Bot, BotCommand, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.speaking import transport as transporting
from bot.speaking.answers import LONGEST_RETRY
from bot.speaking.sender import Sender, make_bot, seconds
from bot.speaking.transport import AiohttpRequest
from domain.screens import Screen, Words
from domain.sealing import KeyRing
from handlers.telegram.reaches import reach_of
from services.outbox.envelopes import Envelope
from services.speaking.delivering import Fate, Sending
from tests.faults.running import TOKEN
from tests.faults.test_listening import Desk, message
from tests.opened import opened

# python-telegram-bot warns of each 429 that a later version of it gives another type.
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")


def http(status: int, body: bytes | str, *headers: str, length: int | None = None) -> bytes:
    """An HTTP response. length: what it says of its body; None: the true one."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]
    return ("\r\n".join((*lines, "Connection: close", "", ""))).encode() + body


def told(status: int, answer: Any) -> bytes:
    """An HTTP response with `answer` as JSON."""
    return http(status, json.dumps(answer), "Content-Type: application/json")


def refused(code: Any, words: Any = "x", **more: Any) -> dict[str, Any]:
    """What looks like a refusal of Telegram."""
    return {"ok": False, "error_code": code, "description": words, **more}


def waits(value: Any) -> bytes:
    """A 429 that asks for an odd pause."""
    return told(429, refused(429, parameters={"retry_after": value}))


PAGE = "<html><body>Access denied</body></html>"
HTML = "Content-Type: text/html"
ODD: dict[str, bytes] = {
    "a page with 200": http(200, PAGE, HTML),
    "a proxy's 403": http(403, PAGE, HTML),
    "a proxy's 400": http(400, PAGE, HTML),
    "409": told(409, refused(409, "Conflict")),
    "ok false with 200": told(200, {"ok": False}),
    "403 of another form": told(403, {"error": "forbidden"}),
    "400 whose code is another": told(400, refused(500)),
    "no body": http(200, ""),
    "cut JSON": http(200, '{"ok":true,"result":{"mess'),
    "an array": told(200, [1]),
    "no result": told(200, {"ok": True}),
    "a result of another type": told(200, {"ok": True, "result": "fine"}),
    "an empty object": told(200, {"ok": True, "result": {}}),
    "retry_after 10^12": waits(10**12),
    "a negative retry_after": waits(-5),
    "retry_after in words": waits("soon"),
    "301": http(301, "", "Location: /elsewhere"),
    "gzip garbage": http(200, b"no gzip", "Content-Encoding: gzip"),
    "reset": b"",
    "shorter than it says": http(200, '{"ok":true', length=5000),
    "a proxy's 404": http(404, PAGE, HTML),
    "a proxy's 401": http(401, PAGE, HTML),
    "407": http(407, PAGE, HTML),
    "418": http(418, "teapot"),
    "451": http(451, PAGE, HTML),
    "204": b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "206": told(206, {"ok": True, "result": True}),
    "302": http(302, "", "Location: http://127.0.0.1:9/"),
    "307": http(307, "", "Location: /elsewhere"),
    "308 without a place": http(308, ""),
    "a proxy's 413": http(413, PAGE, HTML),
    "a proxy's 429": http(429, PAGE, HTML),
    "retry_after null": waits(None),
    "retry_after true": waits(value=True),
    "retry_after 0": waits(0),
    "retry_after 0.5": waits(0.5),
    "retry_after a list": waits([3]),
    "parameters a list": told(429, refused(429, parameters=[3])),
    "parameters text in a 400": told(400, refused("400", parameters="x")),
    "500": told(500, refused(500, "Internal")),
    "502": http(502, PAGE, HTML),
    "503": http(503, "", "Retry-After: 1000000"),
    "504": http(504, PAGE, HTML),
    "status 999": http(999, "?"),
    "null": told(200, None),
    "text": told(200, "ok"),
    "a number": told(200, 7),
    "ok in words": told(200, {"ok": "true", "result": True}),
    "ok 1": told(200, {"ok": 1, "result": True}),
    "result null": told(200, {"ok": True, "result": None}),
    "result a list of numbers": told(200, {"ok": True, "result": {"message_id": [1]}}),
    "message_id in words": told(200, {"ok": True, "result": {"message_id": "1", "date": 1, "chat": {"id": 1}}}),
    "a refusal with 200": told(200, refused(403, "Forbidden: bot was blocked by the user")),
    "403 without words": told(403, refused(403, None)),
    "403 whose code is text": told(403, refused("403")),
    "403 that says ok": told(403, {"ok": True, "error_code": 403, "description": "x"}),
    "a deep body": http(200, "[" * 100_000),
    "a number without end": http(200, '{"ok":true,"result":' + "9" * 10_000 + "}"),
    "no UTF-8": http(200, b'{"ok":true,"result":"\xff\xfe"}'),
    "a byte order mark": http(200, b"\xef\xbb\xbf{}"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a header too long": b"HTTP/1.1 200 X\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    "chunks of garbage": b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
    "two lengths": b"HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
}
METHODS: dict[str, Callable[[Bot], Awaitable[Any]]] = {
    "sendMessage": lambda bot: bot.send_message(1, "x"),
    "editMessageText": lambda bot: bot.edit_message_text("x", 1, 1),
    "editMessageCaption": lambda bot: bot.edit_message_caption(1, 1, caption="x"),
    "deleteMessages": lambda bot: bot.delete_messages(1, [1]),
    "answerCallbackQuery": lambda bot: bot.answer_callback_query("1"),
    "sendPhoto": lambda bot: bot.send_photo(1, InputFile(b"x", filename="x.jpg")),
    "sendDocument": lambda bot: bot.send_document(1, InputFile(b"x", filename="x.ics")),
    "sendVoice": lambda bot: bot.send_voice(1, InputFile(b"x", filename="x.ogg")),
    "sendVenue": lambda bot: bot.send_venue(1, 52.0, 4.0, "x", "y"),
    "leaveChat": lambda bot: bot.leave_chat(1),
    "getFile": lambda bot: bot.get_file("x"),
    "getMe": lambda bot: bot.get_me(),
    "getWebhookInfo": lambda bot: bot.get_webhook_info(),
    "setWebhook": lambda bot: bot.set_webhook("https://x.example"),
    "deleteWebhook": lambda bot: bot.delete_webhook(),
    "setMyCommands": lambda bot: bot.set_my_commands([BotCommand("a", "b")]),
    "getMyName": lambda bot: bot.get_my_name(),
    "setMyName": lambda bot: bot.set_my_name("x"),
    "setMyDescription": lambda bot: bot.set_my_description("x"),
    "setMyShortDescription": lambda bot: bot.set_my_short_description("x"),
}


class Answering:
    """A server that gives the same bytes to everybody and counts who asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer."""
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
        self.asked += 1
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def answering() -> AsyncIterator[tuple[Answering, Bot, AiohttpRequest]]:
    """The server, and our Bot that asks it."""
    server = Answering()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    bot, transport = make_bot(TOKEN, server.url)
    await transport.initialize()
    try:
        yield server, bot, transport
    finally:
        await transport.shutdown()
        listening.close()


async def not_final(ask: Callable[[], Awaitable[Any]]) -> bool:
    """Whether `ask` raises an error that leaves open what happened, or one that asks for a pause we accept."""
    try:
        await ask()
    except RetryAfter as error:
        return 0 < seconds(error) <= LONGEST_RETRY
    except (BadRequest, Forbidden, ChatMigrated, InvalidToken):
        return False
    except TelegramError as error:
        return isinstance(error, NetworkError | Conflict)  # Conflict: of getUpdates, whose poller tries again
    return False


async def ask_all(names: list[str]) -> None:
    """Give each of these odd answers to each method; none may count as final."""
    async with answering() as (server, bot, transport):
        sender = Sender(bot, "nl")
        row = Sending(1, b"", 0, 0, Envelope(reach_of(5), Screen((Words("x"),))), "nl")
        polled = f"{server.url}/bot{TOKEN}/getUpdates"
        wrong = []
        for name in names:
            server.answer = ODD[name]
            for method, ask in METHODS.items():
                if not await not_final(lambda ask=ask: ask(bot)):  # type: ignore[misc]
                    wrong.append((name, method))
            if not await not_final(lambda: transport.ask(polled, {}, 5)):
                wrong.append((name, "getUpdates"))
            fate = (await sender.send(row)).fate
            if fate not in {Fate.AMBIGUOUS, Fate.HALTED}:
                wrong.append((name, f"is {fate}"))
        assert wrong == []
        # A reset connection may be asked once more by the client; nothing is asked without end.
        assert server.asked <= 2 * len(names) * (len(METHODS) + 2)


async def test_no_odd_answer_is_final() -> None:
    await ask_all(list(ODD)[:20])


@pytest.mark.proof
async def test_none_of_sixty_odd_answers_is_final() -> None:
    assert len(ODD) >= 60
    await ask_all(list(ODD))


async def test_telegrams_own_refusals_are_final_and_a_429_is_obeyed_exactly() -> None:
    row = Sending(1, b"", 0, 0, Envelope(reach_of(5), Screen((Words("x"),))), "nl")
    async with answering() as (server, bot, _):
        for answer, fate, pause in (
            (told(403, refused(403, "Forbidden: bot was blocked by the user")), Fate.BLOCKED, 0),
            (told(400, refused(400, "Bad Request: message is too long")), Fate.REFUSED, 0),
            (told(401, refused(401, "Unauthorized")), Fate.UNSENT, 0),
            (waits(37), Fate.HALTED, 37),
        ):
            server.answer = answer
            result = await Sender(bot, "nl").send(row)
            assert (result.fate, result.retry_after) == (fate, pause)


async def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transporting, "ANSWER_LIMIT", 1000)
    async with answering() as (server, bot, _):
        server.answer = http(200, b" " * 5000)
        assert await not_final(lambda: bot.send_message(1, "x"))


async def test_a_page_is_no_file() -> None:
    async with answering() as (server, _, transport):
        for answer in (http(200, PAGE, HTML), http(404, PAGE, HTML), http(200, b"x", length=99), b""):
            server.answer = answer
            assert await not_final(lambda: transport.retrieve(f"{server.url}/file/x"))
        server.answer = http(200, b"OggS")
        assert await transport.retrieve(f"{server.url}/file/x") == b"OggS"


@pytest.mark.parametrize("batch", [[], [message(1, "x")]], ids=["empty at once", "the same again and again"])
async def test_polling_without_progress_has_a_floor(database_url: str, batch: list[Any], keys: KeyRing) -> None:
    async with opened(database_url, keys) as database:
        desk = Desk(database)
        loop = asyncio.get_running_loop()
        asked: list[float] = []

        async def fetch(_offset: int | None, _seconds: int) -> list[dict[str, Any]]:
            asked.append(loop.time())
            if len(asked) == 5:
                desk.listener.stop()
            return batch

        await asyncio.wait_for(desk.listener.poll(fetch), 30)
    assert all(later - earlier > 0.4 for earlier, later in pairwise(asked[1:]))
