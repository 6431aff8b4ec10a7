"""`python -m bot run`, and the same roles apart: `web`, `listen`, `work`."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import uvloop
from starlette.types import ASGIApp

from bot.commands.command import with_settings
from bot.commands.words import make_parser
from bot.jobs.counting import CountingStarter
from bot.jobs.ticking import Ticker
from bot.listening.fetching import Fetcher
from bot.listening.hook import Hook
from bot.listening.ways_in import pollers
from bot.process import metrics
from bot.process.heart import Heart
from bot.process.logs import name_role
from bot.process.readiness import readiness
from bot.running.observer import Observer
from bot.running.profile import present
from bot.running.seeding import seed_demo
from bot.running.simulated import start_local_telegram, stop_local_telegram
from bot.running.supervisor import Supervisor
from bot.settings import PREFIX, Settings, WrongSetting
from bot.web.application import make_app
from bot.web.serving import HttpPart, bind
from bot.wiring import House, check_bot, make_first_keys, plug, prepare_database
from domain.staff.rights import StaffRole
from services.upkeep import rotation
from services.upkeep.binding import DEMO_STAFF
from services.work import DatabaseAway

log = logging.getLogger("buurtstem")
ROLES = {
    "run": frozenset({"web", "listen", "work"}),
    "web": frozenset({"web"}),
    "listen": frozenset({"listen"}),
    "work": frozenset({"work"}),
}


def main(arguments: list[str]) -> int:
    """Run one of the roles until SIGINT or SIGTERM; exit status."""
    make_parser(arguments[0], "Runs until SIGINT or SIGTERM. Everything is a setting.").parse_args(arguments[1:])
    return with_settings(lambda settings: _run(settings, arguments[0]))


def _run(settings: Settings, command: str) -> int:
    if command == "listen" and settings.listen == "webhook":
        raise WrongSetting(f"{PREFIX}LISTEN is webhook: `listen` polls and has nothing to do; `web` takes the webhook")
    check_bot(settings)
    name_role(command)
    if command == "run":
        if line := prepare_database(settings):
            log.info("%s", line)
        make_first_keys(settings)
    elif settings.database_url.startswith("sqlite"):
        raise WrongSetting(f"{PREFIX}DATABASE_URL: `{command}` apart needs PostgreSQL; with SQLite use `run`")
    running = _Running(settings, command, ROLES[command], demo=command == "run" and settings.local_telegram)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(running.live())


@dataclass
class _Running:
    """A running program: its parts, and how they stop together."""

    settings: Settings
    command: str
    roles: frozenset[str]
    demo: bool
    heart: Heart | None = None
    pulse: asyncio.Task[None] | None = None
    parts: Supervisor = field(default_factory=Supervisor)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = "a part fell over"
    failed: bool = False

    async def live(self) -> int:
        """Start everything, tell where it is, wait for the end, stop everything; exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)
        observer = Observer(self.settings, self.command)
        metrics.RESTARTS.counted = self.parts.restarts
        listening = bind(self.settings) if "web" in self.roles else None
        house = plug(self.settings)
        telegram = None
        try:
            self.heart = await house.check(self.command)
            telegram = await start_local_telegram(self.settings) if self.demo else None
            await house.transport.initialize()
            async with observer.watching(house, self._fail):
                return await self._live_in(house, listening)
        finally:
            await house.close()
            if telegram is not None:
                await stop_local_telegram(telegram)

    def _stop(self, number: signal.Signals) -> None:
        self.why = number.name
        self.stopping.set()

    def _fail(self, why: str) -> None:
        """End with a fault that only a new start mends."""
        self.why, self.failed = why, True
        self.stopping.set()

    async def _live_in(self, house: House, listening: socket.socket | None) -> int:
        if self.heart is not None:
            self.pulse = asyncio.create_task(self.parts.keep("heart", self.heart.run))
        listener = house.listener()
        if listening is not None:
            app: ASGIApp = make_app(
                house.begin,
                demo=self.demo,
                secure=self.settings.public_url.startswith("https:"),
                ready=partial(readiness, house.begin, self.settings),
                approval_from=self.settings.approval_from,
                outside=house.outside(),
            )
            if self.settings.listen == "webhook":
                app = Hook(app, listener, self.settings.webhook_secret)
            http = HttpPart(app, listening, self.settings.trusted_proxies)
            self.parts.start("http", http.run, http.stop)
        if "work" in self.roles:
            self._start_work(house)
        self.parts.start("profile", partial(present, house, self._leads()))
        if "listen" in self.roles and self.settings.listen == "polling":
            self.parts.start("listener", partial(listener.poll, house.fetch()), listener.stop)
        if "web" in self.roles:
            await self._tell(house)
        await self._warn_of_pollers(house)
        # What was loaded stays: looking through all of it for garbage would hold up taps for a quarter of a second.
        # And what a tap makes is gone when it ends: looking every 700 objects would cost a twentieth of its time.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        await self._until_end()
        self.parts.stop()
        return await self._ended()

    def _start_work(self, house: House) -> None:
        speaker, fetcher = house.speaker(), Fetcher(house.begin, house.speaking_bot)
        counting = CountingStarter(house.database.reading, self.settings.data_dir / "published")
        ticker = Ticker(house.begin)
        for name, part in (("speaker", speaker), ("fetcher", fetcher), ("counting", counting), ("clock", ticker)):
            self.parts.start(name, part.run, part.stop)

    async def _warn_of_pollers(self, house: House) -> None:
        if self._leads() and self.settings.listen == "polling":
            with suppress(DatabaseAway):
                async with house.database.reading() as work:
                    if why := pollers(await rotation.members(work)):
                        log.warning("%s", why)

    def _leads(self) -> bool:
        """Whether updates come to this process: then it tells Telegram how they should."""
        return ("web" if self.settings.listen == "webhook" else "listen") in self.roles

    async def _until_end(self) -> None:
        """Wait for a signal, or until a part says that this program may not go on."""
        told = asyncio.create_task(self.stopping.wait())
        pending: set[asyncio.Task[None] | asyncio.Task[Literal[True]]] = {told, *self.parts.tasks}
        pending |= {self.pulse} if self.pulse else set()
        while not self.stopping.is_set():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if any(part.exception() for part in done):
                return

    async def _ended(self) -> int:
        """Wait until all parts have stopped, and cut off those that don't; exit status 1 when one fell over."""
        done, left = await asyncio.wait(self.parts.tasks, timeout=15)
        for part in left:
            part.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if self.heart is not None and self.pulse is not None:  # the last to stop: without it nothing may be written
            self.heart.stop()
            done |= (await asyncio.wait({self.pulse}))[0]
        log.info("stopped: %s", self.why)
        errors = [error for part in done if not part.cancelled() and (error := part.exception())]
        for error in errors:
            if isinstance(error, WrongSetting):  # said by whoever catches it
                raise error
            log.critical("a part of the program fell over while it stopped", exc_info=error)
        return 1 if errors or self.failed else 0

    async def _tell(self, house: House) -> None:
        settings = self.settings
        console = settings.console_url
        if self.demo:
            links = await seed_demo(house.begin, console)
            print(f"Phone page:  {settings.telegram_url}/  (open it: two residents have just begun)")
            print(f"Console:     {links[StaffRole.HANDLER]}")
            print(f"Organiser:   {links[StaffRole.ORGANISER]}")
            print("             Each of these two links works once. A new start prints new ones, and so does")
            print(f"             .venv/bin/python -m bot staff link {DEMO_STAFF[StaffRole.HANDLER]}")
        else:
            print(f"Console:     {console}/")
        print("Stop:        Ctrl-C", flush=True)
