"""The real program in a process of its own, for tests: started, killed without warning, started again."""

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from bot.process.keys import make_keys, read_keys
from domain.sealing import KeyRing
from simulator.phone import LocalTelegram
from tests.parts import surroundings

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "424242:a-token-for-tests"
SECRET = "a-webhook-secret-for-tests-0123456789"
START_SECONDS = 120.0


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class WatchedTelegram(LocalTelegram):
    """A local Telegram that fails the test when a request broke the published description of the Bot API."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look at the violations, unless the test has failed already."""
        found = await self.violations() if error is None else []
        await super().__aexit__(kind, error, trace)
        assert found == []


@dataclass
class RunningBot:
    """`async with RunningBot(folder, telegram_url, database_url) as bot`: `python -m bot run` and its log."""

    folder: Path
    telegram_url: str
    database_url: str
    listen: str = "polling"
    command: tuple[str, ...] = ("-m", "bot", "run")
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the keys, choose a port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        make_keys(self.keys_dir)
        self.port = free_port()
        self.process: asyncio.subprocess.Process | None = None

    @property
    def keys_dir(self) -> Path:
        """Where the keys lie."""
        return self.folder / "keys"

    @property
    def keys(self) -> KeyRing:
        """The keys, for looking into the database."""
        return read_keys(self.keys_dir)

    @property
    def log(self) -> Path:
        """The file to which every process of this bot writes its output."""
        return self.folder / "log.txt"

    @property
    def url(self) -> str:
        """The address of the console and the API."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """The environment that the program gets, with its settings."""
        given = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.telegram_url,
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder / "data"),
            "KEYS_DIR": str(self.keys_dir),
            "HTTP_PORT": str(self.port),
            "HEALTH_PORT": "0",
            "LISTEN": self.listen,
            "LOG_LEVEL": "DEBUG",
        }
        if self.listen == "webhook":
            given |= {"WEBHOOK_URL": f"{self.url}/telegram", "WEBHOOK_SECRET": SECRET}
        return surroundings() | {f"BUURTSTEM_{name}": value for name, value in (given | self.more).items()}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, *, serves: bool = True) -> None:
        """Start, and wait until it serves (serves=False: don't wait).

        Raises AssertionError with its log when it ends before, TimeoutError after START_SECONDS.
        """
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        if not serves:
            return
        async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
            while True:
                if self.process.returncode is not None:
                    raise AssertionError(f"the bot ended:\n{self.log.read_text()[-3000:]}")
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/healthz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """Kill -9."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> None:
        """Stop as Ctrl-C does, and wait. Raises AssertionError when it does not end by itself."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self.process.wait(), 60)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the bot did not stop:\n{self.log.read_text()[-3000:]}") from None
