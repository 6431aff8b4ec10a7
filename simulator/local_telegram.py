"""The local Telegram as a process of its own, for tests: started on a free port, ended with the `async with` block."""

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 20.0


class Telegram:
    """The control API of a local Telegram that runs at `url`; `async with Telegram(url) as telegram`."""

    def __init__(self, url: str = "") -> None:
        self.url = url

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open the connection."""
        self._session = aiohttp.ClientSession(self.url)

    async def stop(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def get(self, path: str, **query: Any) -> Any:
        """A GET of the control API. Raises AssertionError with its words when refused."""
        return await self._request("GET", path, params={name: str(value) for name, value in query.items()})

    async def post(self, path: str, **wish: Any) -> Any:
        """A POST of the control API. Raises AssertionError with its words when refused."""
        return await self._request("POST", path, json=wish)

    async def _request(self, method: str, path: str, **more: Any) -> Any:
        async with self._session.request(method, path, **more) as answer:
            body = await answer.json()
            if answer.status != 200:
                raise AssertionError(f"{method} {path}: {body}")
            return body

    async def call(self, token: str, method: str, **params: Any) -> dict[str, Any]:
        """A Bot API request as JSON: the whole answer body, refused or not."""
        async with self._session.post(f"/bot{token}/{method}", json=params) as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def fault(self, **fault: Any) -> None:
        """Add a fault: `fault(method="sendMessage", when="after", kind="drop", times=1)`; see faults.py."""
        await self.post("/sim/faults", **fault)

    async def no_faults(self) -> None:
        """Drop all faults."""
        await self._request("DELETE", "/sim/faults")

    async def advance(self, seconds: float) -> float:
        """Move the clock forward; returns the simulated time."""
        return float((await self.post("/sim/clock", advance=seconds))["now"])

    async def thresholds(self, **wish: Any) -> dict[str, Any]:
        """Change the thresholds, e.g. `raised=True`; returns those in force."""
        changed: dict[str, Any] = await self.post("/sim/thresholds", **wish)
        return changed

    async def delivery(self, duplicates: tuple[int, int] = (1, 1), shuffle: int = 0, seed: int | None = None) -> None:
        """Have updates doubled and out of order, see chaos.py."""
        await self.post("/sim/delivery", duplicates=list(duplicates), shuffle=shuffle, seed=seed)

    async def retry(self) -> None:
        """Send updates that a webhook did not take again at once."""
        await self.post("/sim/retry")

    async def break_on_purpose(self, name: str | None) -> None:
        """Break something on purpose, see knobs.py; None mends all."""
        await self.post("/sim/breakages", name=name)

    async def ledger(self, after: int = 0) -> list[dict[str, Any]]:
        """All entries with a number above `after`."""
        entries: list[dict[str, Any]] = []
        while True:
            page = await self.get("/sim/ledger", after=after)
            entries.extend(page["entries"])
            if not page["entries"]:
                return entries
            after = page["entries"][-1]["n"]

    async def violations(self) -> list[dict[str, Any]]:
        """Requests that broke the published description; a good run has none."""
        found: list[dict[str, Any]] = await self.get("/sim/violations")
        return found

    async def act(self, actions: list[dict[str, Any]]) -> list[int | None]:
        """Perform many actions in order, each with its `resident`; returns the update ids."""
        done = await self.post("/sim/actions", actions=actions)
        return list(done["update_ids"])

    async def bots(self) -> list[dict[str, Any]]:
        """Commands, names, descriptions, webhook of each bot."""
        found: list[dict[str, Any]] = await self.get("/sim/bots")
        return found

    async def reset(self) -> None:
        """Forget everything."""
        await self.post("/sim/reset")


class LocalTelegram(Telegram):
    """`async with LocalTelegram() as telegram: telegram.url` is a local Telegram in a process of its own.

    `arguments` go to `python -m simulator`, e.g. `"--thresholds", "raised"`.
    """

    def __init__(self, *arguments: str, port: int = 0) -> None:
        super().__init__()
        self._arguments = arguments
        self._port = port

    async def start(self) -> None:
        """Start the process and wait for its address.

        Raises RuntimeError when it ends without one, TimeoutError after 20 seconds.
        """
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", "--port", str(self._port), *self._arguments,
            stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        if self._process.stdout is None:
            raise RuntimeError("the local Telegram has no output")
        line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)
        _, _, self.url = line.decode().strip().rpartition(" ")
        if not self.url.startswith("http"):
            raise RuntimeError("the local Telegram did not start; its words are above")
        await super().start()

    async def stop(self) -> None:
        """End the process."""
        await super().stop()
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid
