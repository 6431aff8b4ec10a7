"""The process: one line when it is ready, loopback only, a clean end, a clock in a file."""

import asyncio
import socket
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from simulator.app import main
from simulator.local_telegram import LocalTelegram
from simulator.newcomers import NEWCOMERS
from tests.parts import ROOT


@pytest.mark.parametrize(
    "arguments", [["--host", "0.0.0.0"], ["--clock", "yesterday"], ["--port", "99999"], ["--port", "-1"]]
)
def test_a_wrong_setting_ends_the_start_with_a_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_port_in_use_ends_the_start_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    assert f"port {port}" in capsys.readouterr().err


async def test_it_says_one_line_and_stops_at_once_even_with_a_poll_that_waits() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("local Telegram on http://127.0.0.1:")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(line.rpartition(":")[2]))
    writer.write(b"GET /bot1:x/getUpdates?timeout=50 HTTP/1.1\r\nHost: x\r\n\r\n")
    await writer.drain()
    start = time.monotonic()
    process.terminate()
    assert await process.wait() == 0
    assert time.monotonic() - start < 3
    assert await process.stdout.read() == b""
    writer.close()
    await reader.read()


async def test_a_file_can_move_the_clock(tmp_path: Path) -> None:
    moved = tmp_path / "offset"
    async with LocalTelegram("--clock", f"file:{moved}") as telegram:
        before = (await telegram.get("/sim/clock"))["now"]
        moved.write_text("86400.5")
        async with asyncio.timeout(5):
            while (await telegram.get("/sim/clock"))["now"] < before + 86400:
                continue
        assert await telegram.advance(100) > before + 86500


async def test_raised_thresholds_can_be_a_start_setting() -> None:
    async with LocalTelegram("--thresholds", "raised") as telegram:
        assert (await telegram.get("/sim/thresholds"))["raised"]


async def test_with_a_parent_that_is_killed_it_ends_and_its_port_is_free_again() -> None:
    code = (
        "import subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'simulator', '--port', '0', '--with-parent', '--newcomers']\n"
        "subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)\n"
        "time.sleep(600)\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    line = (await parent.stdout.readline()).decode()
    port = int(line.rpartition(":")[2])
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/sim/residents") as answer:
        assert [(one["first_name"], one["language_code"]) for one in await answer.json()] == [*NEWCOMERS]
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(20):
        assert await parent.stdout.read() == b""  # end of file: the local Telegram, which could write to it, has ended
    with socket.create_server(("127.0.0.1", port)):
        pass
