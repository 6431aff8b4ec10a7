"""A bot in a process of its own: started, waited for, weighed and stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0


@dataclass
class Bot:
    """`async with Bot(("bot", "run"), {...})`; port: on which it must answer before it counts as started."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int | None = None
    seconds: float = 0.0

    async def __aenter__(self) -> Self:
        began = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *self.command,
            env={**os.environ, **self.environment}, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        while self.port is not None and not await _answers(self.port):
            if self._process.returncode is not None or time.perf_counter() - began > START_SECONDS:
                raise RuntimeError(f"{self.command} did not start; its words are above")
            await asyncio.sleep(0.01)
        self.seconds = time.perf_counter() - began
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()

    async def ended(self) -> None:
        """Wait until it ends by itself. Raises RuntimeError when it did not end well."""
        if await self._process.wait():
            raise RuntimeError(f"{self.command} failed; its words are above")

    @property
    def cpu(self) -> float:
        """Seconds of processor time it has used, with its children."""
        return cpu_of(self._process.pid)

    @property
    def megabytes(self) -> int:
        """The most memory it has held, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def cpu_of(pid: int) -> float:
    """Seconds of processor time that a process and all below it have used, those that have ended included."""
    used, children = 0.0, ""
    with suppress(FileNotFoundError, ProcessLookupError):  # one that has just ended is counted by its parent
        children = " ".join((task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir())
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # own and of children that have ended
    return used + sum(cpu_of(int(child)) for child in children.split())


async def _answers(port: int) -> bool:
    """Whether something is said there: that somebody listens is not enough, for they may still be starting."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        said = await reader.readline()
        writer.close()
    except OSError:
        return False
    return bool(said)


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
