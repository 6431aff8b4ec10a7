"""A Telegram that costs next to nothing: a Bot API that takes everything at once, and phones that press and wait.

The local Telegram checks each request against the published description, and so would be most of what is measured.
This one knows only what a short conversation needs; every bot of the table gets the very same.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

TOKEN = "424242:bench"  # noqa: S105
SECRET = "a-secret-of-the-benchmark-and-nothing-else"  # noqa: S105
_ME = {"id": 424242, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_RESULTS: dict[str, Any] = {"getMe": _ME, "getMyName": {"name": "Bench"}}

Json = dict[str, Any]


class Http(asyncio.Protocol):
    """HTTP/1.1 with bodies of a known length, one message after another; enough for both ends here."""

    def __init__(self, take: Callable[[Http, bytes, bytes], None]) -> None:
        """take(connection, head, body): called with each whole message."""
        self._take = take
        self._buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: Any) -> None:
        """Open."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand on every message that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            _, found, rest = head.lower().partition(b"content-length:")
            whole = end + 4 + (int(rest.partition(b"\r\n")[0]) if found else 0)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._take(self, head, body)

    def connection_lost(self, error: Exception | None) -> None:
        """Who waits for an answer hears that there is none."""
        self._take(self, b"", b"")

    def write(self, first: str, body: bytes) -> None:
        """Send one message."""
        kind = f"{first}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(kind.encode() + body)


class BotApi:
    """The server's side: answers every method, and tells whoever waits in a chat what now stands there."""

    def __init__(self) -> None:
        """Nothing is said yet."""
        self.said: dict[int, Callable[[Json], None]] = {}
        self.asked = 0  # requests so far
        self._sent: list[float] = []
        self._numbers: dict[int, int] = defaultdict(int)

    async def open(self) -> tuple[asyncio.Server, str]:
        """Listen on a free port; the server and its address."""
        server = await asyncio.get_running_loop().create_server(lambda: Http(self._asked), "127.0.0.1", 0)
        return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    @property
    def rate(self) -> float:
        """Messages a second, from the first to the last one."""
        return (len(self._sent) - 1) / (self._sent[-1] - self._sent[0])

    def next_number(self, chat: int) -> int:
        """The number of the next message in a chat."""
        self._numbers[chat] += 1
        return self._numbers[chat]

    def _asked(self, connection: Http, head: bytes, body: bytes) -> None:
        if not head:
            return
        self.asked += 1
        method = head.partition(b" HTTP/")[0].rpartition(b"/")[2].decode()
        asked = _parameters(head, body) if body else {}
        result = _RESULTS.get(method, True)
        if method in {"sendMessage", "editMessageText"}:
            result = self._message(asked)
        connection.write("HTTP/1.1 200 OK", json.dumps({"ok": True, "result": result}).encode())
        if isinstance(result, dict) and "chat" in result:
            self._told(result)

    def _message(self, asked: Json) -> Json:
        chat = int(asked["chat_id"])
        number = int(asked.get("message_id") or self.next_number(chat))
        message = {"message_id": number, "date": 1795000000, "from": _ME, "text": asked["text"]}
        if "message_id" in asked:
            message["edit_date"] = 1795000000
        message["chat"] = {"id": chat, "type": "private", "first_name": "B"}
        keyboard = asked.get("reply_markup")
        keyboard = json.loads(keyboard) if isinstance(keyboard, str) else keyboard
        if keyboard and "inline_keyboard" in keyboard:
            message["reply_markup"] = keyboard
        return message

    def _told(self, message: Json) -> None:
        self._sent.append(time.perf_counter())
        waiting = self.said.pop(message["chat"]["id"], None)
        if waiting is not None:
            waiting(message)


def _parameters(head: bytes, body: bytes) -> Json:
    if b"application/json" in head.lower():
        found: Json = json.loads(body)
        return found
    return {name: values[-1] for name, values in parse_qs(body.decode()).items()}


class Line:
    """One connection of Telegram's to a webhook: an update goes out when the former one was received."""

    def __init__(self, url: str) -> None:
        """url: http://HOST:PORT/PATH of the webhook."""
        place, _, path = url.removeprefix("http://").partition("/")
        self._host, _, self._port = place.partition(":")
        secret = f"X-Telegram-Bot-Api-Secret-Token: {SECRET}"
        self._first = f"POST /{path} HTTP/1.1\r\nHost: {place}\r\n{secret}"
        self._received: asyncio.Future[bytes] | None = None

    async def open(self) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        _, self._http = await loop.create_connection(lambda: Http(self._answered), self._host, int(self._port))

    def close(self) -> None:
        """Disconnect."""
        self._received = None
        self._http.transport.close()

    async def deliver(self, update: Json) -> None:
        """Deliver one update. Raises RuntimeError when it was not received well."""
        if self._http.transport.is_closing():  # a server may end a line that was idle, as while a bot still starts
            await self.open()
        self._received = asyncio.get_running_loop().create_future()
        self._http.write(self._first, json.dumps(update).encode())
        head = await self._received
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(f"the webhook answered {head[:80]!r}")

    def _answered(self, _connection: Http, head: bytes, _body: bytes) -> None:
        if self._received is not None and not self._received.done():
            self._received.set_result(head)
