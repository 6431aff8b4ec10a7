"""Half requests and slow readers: they are cut off, and everybody else is served meanwhile."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.web import connections
from bot.web.serving import HttpPart
from simulator.phone import Phone
from tests.faults.journeys import arrives
from tests.faults.running import SECRET, RunningBot, WatchedTelegram
from tests.faults.test_listening import HEADER, message

HALVES = (
    b"",
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"\r\n\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nemail=",
    f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 100\r\n\r\n{{".encode(),
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /",
)
FLOOD = 1300
USUAL_FILES = 1024


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open as many files as the flood needs."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(4096, before[1])), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_1300_half_requests_keep_nobody_out(sqlite_url: str, tmp_path: Path, many_files: None) -> None:
    flood: list[socket.socket] = []
    loop = asyncio.get_running_loop()
    each_time_anew = httpx.Limits(max_keepalive_connections=0)
    async with (
        WatchedTelegram() as telegram,
        RunningBot(tmp_path, telegram.url, sqlite_url, "webhook") as bot,
        await Phone.new(telegram.url, language_code="nl") as phone,
        httpx.AsyncClient(base_url=bot.url, timeout=5, limits=each_time_anew) as client,
    ):
        assert bot.process is not None
        resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE, (USUAL_FILES, USUAL_FILES))
        try:
            for number in range(FLOOD):
                one = socket.socket()
                one.setblocking(False)
                flood.append(one)
                await asyncio.wait_for(loop.sock_connect(one, ("127.0.0.1", bot.port)), 5)
                await loop.sock_sendall(one, HALVES[number % 5])
                if number % 100 == 99:
                    assert (await client.get("/healthz")).status_code == 200
                    assert (await client.get("/sign-in")).status_code == 200
                    taken = await client.post("/telegram", headers={HEADER: SECRET}, json=message(number, "hoi", 77))
                    assert taken.status_code == 200
            await asyncio.wait_for(arrives(phone), 60)
        finally:
            for one in flood:
                one.close()


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """Serve a small application that answers with the size of the body, or with 20 MB at /large; its port."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        size = 0
        while (part := await receive())["type"] == "http.request":
            size += len(part["body"])
            if not part["more_body"]:
                break
        content = "x" * 20_000_000 if scope["path"] == "/large" else f"{size} bytes"
        await PlainTextResponse(content)(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    part = HttpPart(app, listening)
    port: int = listening.getsockname()[1]
    task = asyncio.create_task(part.run())
    try:
        yield port
    finally:
        part.stop()
        await asyncio.wait_for(task, 30)


async def cut_off(port: int, sent: bytes) -> bytes:
    """Send `sent`; all that comes back before the connection is cut off, b"reset" when it is reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize("half", HALVES[:-1])
async def test_half_a_request_is_cut_off_in_time(half: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.2)
    async with served() as port:
        assert b"100 bytes" not in await cut_off(port, half)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(2):  # on one connection, which lives for longer than a head may take
                assert (await client.post("/", content=b"x" * 1000)).text == "1000 bytes"
                await asyncio.sleep(0.4)


async def test_who_does_not_read_the_answer_is_cut_off_and_who_reads_gets_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "READER_SECONDS", 0.3)
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1.5)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(20_000_000), 10)
        writer.close()
        monkeypatch.setattr(connections, "READER_SECONDS", 20.0)  # this reader may share its machine with many
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert len((await client.get("/large")).content) == 20_000_000


async def test_too_many_that_wait_cost_the_oldest_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_WAITING", 3)
    async with served() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(held[0][0].readexactly(1), 5)
        held[0][1].close()
        for reader, writer in held[1:]:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
            writer.close()


CHUNK = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
TOO_LARGE = {
    "an address": b"GET /" + b"%e2%82%ac" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "an address without an end": b"GET /" + b"a" * 300_000,
    "one header": b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 16_400 + b"\r\n\r\n",
    "a header without an end": b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 300_000,
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000,
    "many headers that end": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"Aa: bb\r\n" * 4200 + b"\r\n",
    "headers after a body": CHUNK + b"A: " + b"b" * 300_000,
    "a second request": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxGET /"
    + b"a" * 17_000
    + b" HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_a_head_that_nobody_needs_is_refused_before_anybody_reads_it(name: str) -> None:
    async with served() as port:
        # Reset: the answer came, and was thrown away with what was still being sent.
        answer = await cut_off(port, TOO_LARGE[name])
        assert b" 431 " in answer or answer == b"reset"


async def test_what_people_send_is_no_head_too_large() -> None:
    async with served() as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):  # on one connection
            answer = await client.post("/" + "a" * 7000, headers={"Cookie": "b" * 8000}, content=b"x" * 1_000_000)
            assert answer.text == "1000000 bytes"

        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(5000):
                yield b"x" * 10

        assert (await client.post("/", content=chunks())).text == "50000 bytes"
