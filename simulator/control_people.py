"""The control API for people: what residents and groups do, and what residents see."""

from aiohttp import web

from simulator.actions import perform
from simulator.control_json import Table, number_in, routes_of, wish_of
from simulator.errors import Misused
from simulator.groups import add_group, perform_in_group
from simulator.people import Json, Resident
from simulator.view import chat_view, command_menu, wait_for_news
from simulator.world import World

LONGEST_WAIT = 60.0


class PeopleControl:
    """The handlers of `/sim/residents`, `/sim/actions`, `/sim/groups`, `/sim/events`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes, for the application."""
        table: Table = [
            ("GET", "/sim/residents", self.residents),
            ("POST", "/sim/residents", self.add_resident),
            ("POST", "/sim/residents/{id:-?\\d+}/actions", self.act),
            ("POST", "/sim/actions", self.act_in_bulk),
            ("GET", "/sim/residents/{id:-?\\d+}/chat", self.chat),
            ("GET", "/sim/events", self.events),
            ("POST", "/sim/groups", self.add_group),
            ("POST", "/sim/groups/{id:-?\\d+}/actions", self.act_in_group),
        ]
        return routes_of(table)

    async def residents(self, _: web.Request) -> list[Json]:
        """All residents."""
        return [resident_json(resident) for resident in self._world.residents.values()]

    async def add_resident(self, request: web.Request) -> Json:
        """Add a resident: {name?, language_code?, id?}."""
        wish = await wish_of(request)
        name, language, resident_id = (wish.get(field) for field in ("name", "language_code", "id"))
        if not isinstance(name, str | None) or not isinstance(language, str | None):
            raise Misused("name and language_code are texts")
        if not isinstance(resident_id, int | None) or (resident_id or 1) < 0:
            raise Misused("id is a number above 0")
        return resident_json(self._world.add_resident(name, language, resident_id))

    async def act(self, request: web.Request) -> Json:
        """Perform one action of one resident: {kind …}."""
        return perform(self._world, int(request.match_info["id"]), await wish_of(request))

    async def act_in_bulk(self, request: web.Request) -> Json:
        """Perform many actions, in order: {actions: [{resident, kind …}]}."""
        actions = (await wish_of(request)).get("actions", [])
        return {"update_ids": [perform(self._world, action.get("resident"), action)["update_id"] for action in actions]}

    async def chat(self, request: web.Request) -> Json:
        """The chat; with after and wait (seconds), once its version differs from `after` or the wait is over."""
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
        """The residents whose chats changed after version `after`; waits up to `wait` seconds for a first change."""
        news, after = self._world.news, int(number_in(request, "after"))
        wait = min(number_in(request, "wait"), LONGEST_WAIT)
        if news.version <= after and wait > 0:
            await news.wait(wait)
        bots = self._world.bots.values()
        changed = {chat.id for bot in bots for chat in bot.chats.values() if chat.version > after}
        return {"version": news.version, "residents": sorted(changed & self._world.residents.keys())}

    async def add_group(self, request: web.Request) -> Json:
        """Add a group: {title}."""
        return {"id": add_group(self._world, (await wish_of(request)).get("title", "Group")).id}

    async def act_in_group(self, request: web.Request) -> Json:
        """Perform one action in a group: {kind: add_bot | remove_bot | text | migrate}."""
        return perform_in_group(self._world, int(request.match_info["id"]), await wish_of(request))


def resident_json(resident: Resident) -> Json:
    """A resident as the control API shows them."""
    return {"id": resident.id, "first_name": resident.first_name, "language_code": resident.language_code}
