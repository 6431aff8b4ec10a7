"""Starts the local Telegram: arguments, the application, a clean end."""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from simulator.botapi import BotApi
from simulator.clock import Clock
from simulator.contract import Contract
from simulator.control_people import PeopleControl, resident_json
from simulator.control_world import WorldControl
from simulator.newcomers import welcome
from simulator.pace import Thresholds
from simulator.world import World

PAGE = Path(__file__).parent / "page"
LARGEST_REQUEST = 60 * 1024 * 1024
LOOPBACK = ("127.0.0.1", "::1")


def build(world: World) -> web.Application:
    """The application: Bot API, control API, phone page."""

    async def front_page(_: web.Request) -> web.Response:
        # The page already holds the phones that there are: whoever opens it never sees it empty.
        residents = json.dumps([resident_json(one) for one in world.residents.values()]).replace("<", "\\u003c")
        page = (PAGE / "index.html").read_text(encoding="utf-8").replace("[]", residents, 1)
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    application = web.Application(client_max_size=LARGEST_REQUEST)
    application.add_routes(BotApi(world).routes())
    application.add_routes(PeopleControl(world).routes())
    application.add_routes(WorldControl(world).routes())
    application.add_routes([web.get("/", front_page), web.static("/page", PAGE)])
    return application


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Exit status 2 for a wrong setting, 1 when the port is taken."""
    options = _options(argv)
    if options.host not in LOOPBACK:
        print(f"the local Telegram listens on 127.0.0.1 or ::1 only, not on {options.host}", file=sys.stderr)
        return 2
    if not 0 <= options.port <= 65535:
        print(f"--port is {options.port}: it must be from 0 to 65535", file=sys.stderr)
        return 2
    try:
        clock = Clock(options.clock)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    thresholds = Thresholds().changed({"raised": options.thresholds == "raised"})
    world = World(clock, Contract.load(Path(options.shared) / "data" / "botapi"), thresholds)
    if options.newcomers:
        welcome(world)
    return asyncio.run(_serve(world, options.host, options.port, with_parent=options.with_parent))


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="A local Telegram for tests and demonstrations.")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--clock", help="file:PATH, a file with seconds to add to the machine's time")
    parser.add_argument("--shared", default=os.environ.get("SHARED_DIR", "../shared"), help="where data/botapi lies")
    parser.add_argument("--newcomers", action="store_true", help="two phones, whose owners press START at once")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input does: with the parent")
    parser.add_argument("--thresholds", choices=("usual", "raised"), default="usual")
    return parser.parse_args(argv)


async def _serve(world: World, host: str, port: int, *, with_parent: bool = False) -> int:
    stop = asyncio.Event()
    if with_parent:
        # Nobody writes into that pipe: it becomes readable once its other end is gone, however the parent ended.
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(build(world), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        print(f"port {port} on {host} can't be used: {error.strerror}", file=sys.stderr)
        await runner.cleanup()
        return 1
    bound = runner.addresses[0][1]
    shown = f"[{host}]" if ":" in host else host
    print(f"local Telegram on http://{shown}:{bound}", flush=True)
    await stop.wait()
    world.reset()
    await runner.cleanup()
    return 0
