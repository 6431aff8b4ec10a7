"""What all handlers of the control API share: JSON in, JSON out, clear words for what is wrong."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.errors import Misused
from simulator.people import Json

Handler = Callable[[web.Request], Awaitable[Any]]
Table = list[tuple[str, str, Handler]]  # (HTTP method, path, handler)


def routes_of(table: Table) -> list[web.RouteDef]:
    """The routes of a table, for the application."""
    return [web.route(method, path, answered(handler)) for method, path, handler in table]


def answered(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler that answers with the given handler's value as JSON, and with 400 and its words for Misused."""

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


def number_of(wish: Json, name: str) -> float:
    """A number of a wish, 0 when it is not there. Raises Misused."""
    value = wish.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misused(f"{name} is a number")
    return value
