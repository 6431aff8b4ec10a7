"""The control API: what tests, the phone page and fault tests do to the simulated world. JSON in, JSON out."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.actions import perform
from simulator.chaos import chaos_from
from simulator.errors import Misused
from simulator.faults import fault_from
from simulator.groups import add_group, perform_in_group
from simulator.people import Json
from simulator.view import chat_view, command_menu, wait_for_news
from simulator.world import World

LONGEST_WAIT = 60.0
LEDGER_PAGE = 10_000

Handler = Callable[[web.Request], Awaitable[Any]]


def answered(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler's value as JSON; Misused as 400 with its words."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            value = await handler(request)
        except Misused as misused:
            return web.json_response({"error": str(misused)}, status=400)
        return value if isinstance(value, web.StreamResponse) else web.json_response(value)

    return answer


async def wish_of(request: web.Request) -> Json:
    """The JSON object of a request; an empty body is an empty one. Raises Misused."""
    body = await request.read()
    try:
        wish = json.loads(body or b"{}")
    except ValueError:
        raise Misused("the body is no JSON") from None
    if not isinstance(wish, dict):
        raise Misused("a JSON object is expected")
    return wish


def number_in(request: web.Request, name: str, default: float = 0) -> float:
    """A number of the query string. Raises Misused."""
    try:
        return float(request.query.get(name, default))
    except ValueError:
        raise Misused(f"{name} is a number") from None


class Control:
    """`/sim/…`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """For the application."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/sim/residents", self.residents),
            ("POST", "/sim/residents", self.add_resident),
            ("POST", "/sim/residents/{id:-?\\d+}/actions", self.act),
            ("POST", "/sim/actions", self.act_in_bulk),
            ("GET", "/sim/residents/{id:-?\\d+}/chat", self.chat),
            ("GET", "/sim/events", self.events),
            ("POST", "/sim/groups", self.add_group),
            ("POST", "/sim/groups/{id:-?\\d+}/actions", self.act_in_group),
            ("GET", "/sim/ledger", self.ledger),
            ("GET", "/sim/violations", self.violations),
            ("GET", "/sim/bots", self.bots),
            ("GET", "/sim/files/{id}", self.file),
            ("POST", "/sim/faults", self.add_fault),
            ("DELETE", "/sim/faults", self.drop_faults),
            ("POST", "/sim/delivery", self.delivery),
            ("POST", "/sim/latency", self.latency),
            ("GET", "/sim/clock", self.clock),
            ("POST", "/sim/clock", self.move_clock),
            ("GET", "/sim/thresholds", self.thresholds),
            ("POST", "/sim/thresholds", self.turn_thresholds),
            ("POST", "/sim/breakages", self.breakages),
            ("POST", "/sim/reset", self.reset),
        ]
        return [web.route(method, path, answered(handler)) for method, path, handler in table]

    async def residents(self, _: web.Request) -> list[Json]:
        """All residents."""
        return [_resident(resident) for resident in self._world.residents.values()]

    async def add_resident(self, request: web.Request) -> Json:
        """{name?, language_code?, id?}."""
        wish = await wish_of(request)
        return _resident(self._world.add_resident(wish.get("name"), wish.get("language_code"), wish.get("id")))

    async def act(self, request: web.Request) -> Json:
        """One action of one resident."""
        return perform(self._world, int(request.match_info["id"]), await wish_of(request))

    async def act_in_bulk(self, request: web.Request) -> Json:
        """{actions: [{resident, kind …}]}, in order."""
        actions = (await wish_of(request)).get("actions", [])
        return {"update_ids": [perform(self._world, action.get("resident"), action)["update_id"] for action in actions]}

    async def chat(self, request: web.Request) -> Json:
        """The chat; with after and wait, when it is newer than that version or the wait is over."""
        resident = self._world.resident(int(request.match_info["id"]))
        bot = self._world.only_bot(request.query.get("bot"))
        chat = self._world.chat(bot, resident.id) if bot else None
        if bot is None or chat is None:
            return {"version": 0, "blocked": False, "started": False, "typing": False, "messages": [], "toasts": []}
        wait = min(number_in(request, "wait"), LONGEST_WAIT)
        await wait_for_news(chat, int(number_in(request, "after", -1)), wait)
        view = chat_view(chat, self._world.clock.now())
        view["bot_name"] = bot.shown_name(resident.language_code)
        view["commands"] = command_menu(bot, chat.id, resident.language_code)
        return view

    async def events(self, request: web.Request) -> Json:
        """Which residents' chats changed after that version; waits for a change when there is none yet."""
        news, after = self._world.news, int(number_in(request, "after"))
        wait = min(number_in(request, "wait"), LONGEST_WAIT)
        if news.version <= after and wait > 0:
            await news.wait(wait)
        bots = self._world.bots.values()
        changed = {chat.id for bot in bots for chat in bot.chats.values() if chat.version > after}
        return {"version": news.version, "residents": sorted(changed & self._world.residents.keys())}

    async def add_group(self, request: web.Request) -> Json:
        """{title}."""
        return {"id": add_group(self._world, (await wish_of(request)).get("title", "Group")).id}

    async def act_in_group(self, request: web.Request) -> Json:
        """{kind: add_bot | remove_bot | text | migrate}."""
        return perform_in_group(self._world, int(request.match_info["id"]), await wish_of(request))

    async def ledger(self, request: web.Request) -> Json:
        """Entries after n, at most limit."""
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
        """The bytes, for the phone page."""
        stored = self._world.files.get(request.match_info["id"])
        if stored is None:
            raise Misused("no such file")
        return web.Response(body=stored.data, content_type=stored.mime_type.partition(";")[0])

    async def add_fault(self, request: web.Request) -> Json:
        """See faults.py."""
        self._world.knobs.faults.append(fault_from(await wish_of(request)))
        return {"faults": len(self._world.knobs.faults)}

    async def drop_faults(self, _: web.Request) -> Json:
        """No more faults."""
        self._world.knobs.faults.clear()
        return {"faults": 0}

    async def delivery(self, request: web.Request) -> Json:
        """{duplicates: [min, max], shuffle, seed}."""
        self._world.knobs.chaos = chaos_from(await wish_of(request))
        return {"in_order": self._world.knobs.chaos is None}

    async def latency(self, request: web.Request) -> Json:
        """{seconds} before every Bot API request."""
        self._world.knobs.latency = _number(await wish_of(request), "seconds")
        return {"seconds": self._world.knobs.latency}

    async def clock(self, _: web.Request) -> Json:
        """The simulated time."""
        return {"now": self._world.clock.now(), "offset": self._world.clock.offset}

    async def move_clock(self, request: web.Request) -> Json:
        """{advance: s} or {offset: s}."""
        wish, clock = await wish_of(request), self._world.clock
        clock.move(_number(wish, "offset") if "offset" in wish else clock.offset + _number(wish, "advance"))
        return {"now": clock.now(), "offset": clock.offset}

    async def thresholds(self, _: web.Request) -> Json:
        """The pace in force."""
        return self._world.knobs.thresholds.as_json()

    async def turn_thresholds(self, request: web.Request) -> Json:
        """Change some; {raised: true} lifts all."""
        self._world.knobs.turn_thresholds(await wish_of(request))
        return self._world.knobs.thresholds.as_json()

    async def breakages(self, request: web.Request) -> Json:
        """{name} breaks something on purpose, {name: null} mends all."""
        self._world.knobs.break_on_purpose((await wish_of(request)).get("name"))
        return {"breakages": sorted(self._world.knobs.breakages)}

    async def reset(self, _: web.Request) -> Json:
        """Everything away."""
        self._world.reset()
        return {}


def _number(wish: Json, name: str) -> float:
    value = wish.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misused(f"{name} is a number")
    return value


def _resident(resident: Any) -> Json:
    return {"id": resident.id, "first_name": resident.first_name, "language_code": resident.language_code}
