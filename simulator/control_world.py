"""The control API for all but people: the ledger, bots and files, and the knobs."""

from aiohttp import web

from simulator.chaos import chaos_from
from simulator.control_json import Table, number_in, number_of, routes_of, wish_of
from simulator.errors import Misused
from simulator.faults import fault_from
from simulator.people import Json
from simulator.world import World

LEDGER_PAGE = 10_000


class WorldControl:
    """The handlers of `/sim/ledger`, `/sim/clock`, `/sim/faults` and the rest."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes, for the application."""
        table: Table = [
            ("GET", "/sim/ledger", self.ledger),
            ("GET", "/sim/violations", self.violations),
            ("GET", "/sim/bots", self.bots),
            ("GET", "/sim/files/{id}", self.file),
            ("POST", "/sim/faults", self.add_fault),
            ("DELETE", "/sim/faults", self.drop_faults),
            ("POST", "/sim/delivery", self.delivery),
            ("POST", "/sim/retry", self.retry),
            ("POST", "/sim/latency", self.latency),
            ("GET", "/sim/clock", self.clock),
            ("POST", "/sim/clock", self.move_clock),
            ("GET", "/sim/thresholds", self.thresholds),
            ("POST", "/sim/thresholds", self.turn_thresholds),
            ("POST", "/sim/breakages", self.breakages),
            ("POST", "/sim/reset", self.reset),
        ]
        return routes_of(table)

    async def ledger(self, request: web.Request) -> Json:
        """The entries with a number above `after`, at most `limit`."""
        ledger = self._world.ledger
        limit = int(number_in(request, "limit", LEDGER_PAGE))
        return {"entries": ledger.after(int(number_in(request, "after")), limit), "last": ledger.last}

    async def violations(self, _: web.Request) -> list[Json]:
        """Requests that broke the published description."""
        return list(self._world.ledger.violations)

    async def bots(self, _: web.Request) -> list[Json]:
        """What bots have told about themselves."""
        return [
            {
                **bot.as_user(),
                "webhook": bot.webhook.url if bot.webhook else None,
                "pending": len(bot.updates.pending),
                "names": bot.names,
                "descriptions": bot.descriptions,
                "short_descriptions": bot.short_descriptions,
                "commands": [
                    {"scope": scope, "language_code": language, "commands": commands}
                    for (scope, language), commands in bot.commands.items()
                ],
            }
            for bot in self._world.bots.values()
        ]

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file, for the phone page. Raises Misused."""
        stored = self._world.files.get(request.match_info["id"])
        if stored is None:
            raise Misused("no such file")
        return web.Response(body=stored.data, content_type=stored.mime_type.partition(";")[0])

    async def add_fault(self, request: web.Request) -> Json:
        """Add a fault: the fields of a Fault, see faults.py."""
        self._world.knobs.faults.append(fault_from(await wish_of(request)))
        return {"faults": len(self._world.knobs.faults)}

    async def drop_faults(self, _: web.Request) -> Json:
        """Drop all faults."""
        self._world.knobs.faults.clear()
        return {"faults": 0}

    async def delivery(self, request: web.Request) -> Json:
        """Double and shuffle deliveries: {duplicates: [min, max], shuffle, seed}, see chaos.py."""
        self._world.knobs.chaos = chaos_from(await wish_of(request))
        return {"in_order": self._world.knobs.chaos is None}

    async def retry(self, _: web.Request) -> Json:
        """Send updates that a webhook did not take again at once, instead of after their pause."""
        webhooks = [bot.webhook for bot in self._world.bots.values() if bot.webhook is not None]
        for webhook in webhooks:
            webhook.retry()
        return {"webhooks": len(webhooks)}

    async def latency(self, request: web.Request) -> Json:
        """Wait this long before every Bot API request: {seconds}."""
        self._world.knobs.latency = number_of(await wish_of(request), "seconds")
        return {"seconds": self._world.knobs.latency}

    async def clock(self, _: web.Request) -> Json:
        """The simulated time."""
        return {"now": self._world.clock.now(), "offset": self._world.clock.offset}

    async def move_clock(self, request: web.Request) -> Json:
        """Move the clock: {advance: seconds} or {offset: seconds}."""
        wish, clock = await wish_of(request), self._world.clock
        clock.move(number_of(wish, "offset") if "offset" in wish else clock.offset + number_of(wish, "advance"))
        return {"now": clock.now(), "offset": clock.offset}

    async def thresholds(self, _: web.Request) -> Json:
        """The pace in force."""
        return self._world.knobs.thresholds.as_json()

    async def turn_thresholds(self, request: web.Request) -> Json:
        """Change some thresholds; {raised: true} lifts all."""
        self._world.knobs.turn_thresholds(await wish_of(request))
        return self._world.knobs.thresholds.as_json()

    async def breakages(self, request: web.Request) -> Json:
        """Break something on purpose: {name}, see knobs.py; {name: null} mends all."""
        self._world.knobs.break_on_purpose((await wish_of(request)).get("name"))
        return {"breakages": sorted(self._world.knobs.breakages)}

    async def reset(self, _: web.Request) -> Json:
        """Forget everything."""
        self._world.reset()
        return {}
