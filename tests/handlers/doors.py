"""The doors of the API and the console: every place in a request to any route that takes a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from handlers.api.app import make_api
from handlers.console.app import FILES, make_console
from handlers.subjects import API, PAGES
from services.work import Work
from tests.handlers.console.test_matrix import flat

HEADERS = ("Authorization", "Cookie", "Accept", "Accept-Language", "User-Agent", "Referer", "Origin", "X-Forwarded-For",
           "Content-Type", "If-None-Match", "Range", "Host", "Idempotency-Key", "API-Version")  # fmt: skip


def _nothing() -> AbstractAsyncContextManager[Work]:
    raise AssertionError("nothing is opened")


@dataclass(frozen=True, slots=True)
class Door:
    """A place in requests to a route that takes a text. where: its kind · name: of the parameter, header or field."""

    method: str
    path: str
    where: str
    name: str = ""

    def request(self, text: str, known: Mapping[str, str]) -> dict[str, Any]:
        """Give the options for httpx's `request` with the text in this place. known: values of the other places."""
        places = {name: known.get(name, "a" * 26) for name in _named(self.path)}
        if self.where == "path":
            places[self.name] = quote(text, safe="")
        table = f'title_nl,story_nl,place,cost\n"{text}","{text}","{text}","1{text}"\n'
        one_line = text.translate(dict.fromkeys(map(ord, "\n\r\x00"), " ")).strip().encode()
        json_body = {"headers": {"Content-Type": "application/json"}, "content": text.encode()}
        form = {"csrf": known.get("csrf", "")}
        what: dict[str, Callable[[], dict[str, Any]]] = {
            "path": dict,
            "query": lambda: {"params": {self.name: text}},
            "unknown query": lambda: {"params": {text: "1"}},
            "header": lambda: {"headers": {self.name.encode(): one_line}},
            "body": lambda: json_body,
            "field": lambda: {"json": {self.name: text}},
            "words": lambda: {"json": {self.name: {"nl": text, text: "x"}}},
            "list": lambda: {"json": {self.name: [text]}},
            "key": lambda: {"json": {text: text}},
            "form": lambda: {"data": {**form, self.name: text}},
            "file name": lambda: {"data": form, "files": {self.name: (text, b"x", text)}},
            "file": lambda: {"data": form, "files": {self.name: ("x", text.encode())}},
            "cells": lambda: {"data": form, "files": {self.name: ("x.csv", table.encode())}},
        }
        return {"method": self.method, "url": self.path.format(**places), **what[self.where]()}


def _named(path: str) -> list[str]:
    return [part[1:-1].partition(":")[0] for part in path.split("/") if part.startswith("{")]


def _queries(dependant: Dependant) -> set[str]:
    return {one.alias for one in dependant.query_params}.union(*map(_queries, dependant.dependencies))


def doors_of(routes: Iterable[APIRoute], prefix: str = "") -> Iterator[Door]:
    """All doors of these routes except the members of a body."""
    for route in routes:
        for method in sorted(route.methods or ()):
            door = Door(method, prefix + route.path, "unknown query")
            yield door
            yield from (replace(door, where="path", name=name) for name in _named(route.path))
            yield from (replace(door, where="query", name=name) for name in sorted(_queries(route.dependant)))
            if route.path in ("/me", "/sign-in", "/rounds"):  # whoever reads headers does so before it knows the route
                yield from (replace(door, where="header", name=name) for name in HEADERS)
            if method in ("POST", "PUT"):
                yield replace(door, where="body")


def doors_of_console() -> Iterator[Door]:
    """All doors of the console except the fields of its forms, which are known only once a handler reads them."""
    return doors_of(flat(make_console(_nothing, PAGES, secure=False, demo=False).routes))


def doors_of_api() -> Iterator[Door]:
    """All doors of the API, with the members of each body that the OpenAPI description names."""
    api = make_api(_nothing, API)
    described = api.openapi()
    for door in doors_of(flat(api.routes), "/api/v1"):
        yield door
        if door.where != "body":
            continue
        yield replace(door, where="key")
        body = described["paths"][door.path.removeprefix("/api/v1")][door.method.lower()].get("requestBody")
        schema = json.dumps(body).partition("#/components/schemas/")[2].partition('"')[0]
        for name in described["components"]["schemas"][schema].get("properties", {}) if schema else ():
            yield from (replace(door, where=where, name=name) for where in ("field", "words", "list"))


async def doors_of_forms(
    browser: httpx.AsyncClient, doors: Iterable[Door], known: Mapping[str, str], asked_for: set[str]
) -> list[Door]:
    """Find the fields of each form: post it with every field that was read before, until no other field is read.

    asked_for: the set to which the name of each field is added when a handler reads it.
    """
    found: list[Door] = []
    for post in (door for door in doors if door.where == "body"):
        fields = {"csrf": known["csrf"]}
        more = True
        while more:
            asked_for.clear()
            await browser.post(post.request("", known)["url"], data=fields)
            more = bool(asked_for - set(fields))
            fields |= dict.fromkeys(asked_for - set(fields), "1")
        found += [replace(post, where="form", name=name) for name in sorted(fields)]
        if FILES.fullmatch(post.path):
            found += [replace(post, where=one, name=name) for one in ("file name", "file", "cells")
                      for name in ("photo", "csv")]  # fmt: skip
    return found
