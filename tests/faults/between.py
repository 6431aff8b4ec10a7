"""A server between the program and the local Telegram that gives odd answers when the test says so."""

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import aiohttp

FILE = b"OggS a recording"
# Answered here, as the local Telegram does not know them: voices that nobody sent, groups that nobody made.
ITS_OWN = {
    "getFile": {"file_id": "x", "file_unique_id": "x", "file_path": "voice/x.oga", "file_size": len(FILE)},
    "leaveChat": True,
}
_HEAD = "HTTP/1.1 {} X\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"


class Between:
    """Passes requests on; while `odd` holds answers for a method, every second request of it gets one of those instead.

    Half of the odd answers come after the request took effect. always: an odd answer to everything, before any effect ·
    asked: how often each method was asked · given: how many odd answers each method got.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream, self.url = upstream, ""
        self.odd: dict[str, deque[bytes]] = {}
        self.always: bytes | None = None
        self.asked: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self._session: aiohttp.ClientSession | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; the client may be gone by then."""
        with closing(writer), suppress(ConnectionError, asyncio.IncompleteReadError, aiohttp.ClientError):
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
            body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
            path = head.split(b" ")[1].decode()
            writer.write(await self._answer(path, fields.get(b"content-type", b"").decode(), body))
            await writer.drain()

    async def _answer(self, path: str, kind: str, body: bytes) -> bytes:
        method = "file" if path.startswith("/file/") else path.rpartition("/")[2]
        self.asked[method] += 1
        if self.always is not None:
            return self.always
        waiting = self.odd.get(method)
        if not waiting or self.asked[method] % 2:
            return await self._passed_on(method, path, kind, body)
        odd = waiting.popleft()  # before anything is waited for: another request may come meanwhile
        self.given[method] += 1
        if self.given[method] % 2 and method not in {"getUpdates", "file"}:
            await self._passed_on(method, path, kind, body)
        return odd

    async def _passed_on(self, method: str, path: str, kind: str, body: bytes) -> bytes:
        if method == "file":
            return _HEAD.format(200, "application/octet-stream", len(FILE)).encode() + FILE
        if method in ITS_OWN:
            status, content = 200, json.dumps({"ok": True, "result": ITS_OWN[method]}).encode()
        else:
            assert self._session is not None
            async with self._session.post(self.upstream + path, data=body, headers={"Content-Type": kind}) as answer:
                status, content = answer.status, await answer.read()
        return _HEAD.format(status, "application/json", len(content)).encode() + content


@asynccontextmanager
async def between(upstream: str) -> AsyncIterator[Between]:
    """The server, listening; `url` is its address, to be given to the program as Telegram's."""
    server = Between(upstream)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as server._session:
            yield server
    finally:
        listening.close()
