"""The Bot API over HTTP: reads a request, checks it, lets faults strike, answers."""

import asyncio
import json
from typing import Any

from aiohttp import web

from simulator.errors import Refused, too_many_requests
from simulator.faults import Fault
from simulator.methods.call import Call
from simulator.methods.listening import get_updates
from simulator.methods.table import BY_LOWER_CASE, HANDLERS
from simulator.parameters import Params, Upload, chat_id_of, nested, read_request, wrong_types
from simulator.people import Json
from simulator.rules import Content, content_of
from simulator.updates import getupdates_body
from simulator.world import Bot, World

NOT_IN_WEBHOOK = ("get", "setwebhook", "deletewebhook", "close", "logout")


class BotApi:
    """The handlers of `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._background: set[asyncio.Task[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The routes, for the application."""
        return [
            web.route("*", "/bot{token}/{method}", self.answer),
            web.get("/file/bot{token}/{path:.+}", self.download),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request to a method."""
        world = self._world
        if world.knobs.latency:
            await asyncio.sleep(world.knobs.latency)
        try:
            if request.method not in ("GET", "POST"):
                raise Refused(405, "Method Not Allowed")
            bot = world.bot(request.match_info["token"])
            params, files = await read_request(request)
        except Refused as refused:
            return _response(refused.status, refused.body())
        name = request.match_info["method"]
        method = BY_LOWER_CASE.get(name.lower(), name)
        chat = _chat_or_none(params)
        fault = world.knobs.fault(method, "before", chat)
        if fault is not None and (spoiled := await _strike(fault, request)) is not None:
            self._note(bot, method, params, {}, spoiled.status, fault=fault.kind)
            return spoiled
        response, facts = await self._carried_out(bot, method, params, files)
        fault = world.knobs.fault(method, "after", chat)
        lost = await _strike(fault, request) if fault is not None else None
        self._note(bot, method, params, facts, response.status, **({"lost": True} if lost is not None else {}))
        return response if lost is None else lost

    async def _carried_out(
        self, bot: Bot, method: str, params: Params, files: dict[str, Upload]
    ) -> tuple[web.Response, dict[str, Any]]:
        facts: dict[str, Any] = {}
        try:
            if method not in HANDLERS and method != "getUpdates":
                raise Refused(501, f"method {method} is not built in the local Telegram")
            content = self._checked(method, params, files)
            call = Call(self._world, bot, method, params, files, content, lambda m: self._from_webhook(bot, m), facts)
            if method == "getUpdates":
                return web.Response(body=getupdates_body(await get_updates(call)), content_type="application/json"), {}
            return _response(200, {"ok": True, "result": HANDLERS[method](call)}), facts
        except Refused as refused:
            return _response(refused.status, refused.body()), facts

    def _checked(self, method: str, params: Params, files: dict[str, Upload]) -> Content:
        """The content, checked by Telegram's rules and the published description; breaking either is a violation.

        Raises Refused.
        """
        world, contract = self._world, self._world.contract
        found = contract.complaints(method, params, frozenset(files)) if contract else wrong_types(params)
        try:
            content = content_of(method, params, world.knobs.breakages)
        except Refused as refused:
            if refused.status == 400:
                world.ledger.violated(method, refused.description, params)
            raise
        if found:
            world.ledger.violated(method, "; ".join(found), params)
            raise Refused(400, found[0])
        return content

    def _note(self, bot: Bot, method: str, params: Params, facts: Json, status: int, **more: Any) -> None:
        """Write the call into the ledger. Polling is left out: it would drown the rest."""
        if method != "getUpdates":
            entry = {"bot": bot.id, "method": method, "ok": status == 200, "status": status}
            entry.update({"chat": _chat_or_none(params), **facts, **more})
            self._world.ledger.add("call", **entry)

    def _from_webhook(self, bot: Bot, answer: Json) -> None:
        """Carry out a method found in a webhook's answer like any other call, and throw its result away."""
        name = str(answer.pop("method"))
        if name.lower().startswith(NOT_IN_WEBHOOK):
            return
        method = BY_LOWER_CASE.get(name.lower(), name)

        async def run() -> None:
            try:
                params = nested(answer)
            except Refused:
                params = answer
            response, facts = await self._carried_out(bot, method, params, {})
            self._note(bot, method, params, facts, response.status, via="webhook")

        task = asyncio.ensure_future(run())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def download(self, request: web.Request) -> web.Response:
        """Answer with the bytes of a file, by the path that getFile gave out."""
        try:
            self._world.bot(request.match_info["token"])
        except Refused as refused:
            return _response(refused.status, refused.body())
        stored = self._world.files.at(request.match_info["path"])
        if stored is None:
            return _response(404, Refused(404, "").body())
        return web.Response(body=stored.data, content_type="application/octet-stream")


def _response(status: int, body: Json) -> web.Response:
    retry_after = body.get("parameters", {}).get("retry_after") if status == 429 else None
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _chat_or_none(params: Params) -> int | None:
    try:
        return chat_id_of(params)
    except Refused:
        return None


async def _strike(fault: Fault, request: web.Request) -> web.Response | None:
    """The spoiled answer, or None after a mere delay."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind == "429":
        return _response(429, too_many_requests(fault.retry_after).body())
    if fault.kind == "status":
        return _response(fault.status, Refused(fault.status, "fault on order").body())
    if fault.kind == "garbage":
        return web.Response(text="<html>not what you expected", content_type="text/html")
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
