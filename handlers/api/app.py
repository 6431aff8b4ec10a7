"""The API as one application: its routes, its refusals, its description at openapi.json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Response

from domain.broadcasts.rules import APPROVAL_FROM
from handlers.api.problems import HEADERS, MEDIA_TYPE, install
from handlers.api.schemas.problems import Problem
from services.work import Begin

VERSION = "1.0.0"
_ABOUT = """Signals of residents, rounds of the budget, meetings and invitations, for the staff and partners' programs.

Send `Authorization: Bearer bst_…` with each request. Every refusal is problem+json (RFC 9457).
Unknown ids and ids that are not yours answer alike.

Where a route takes an `Idempotency-Key`, the same request with the same key has no second effect for two days. Codes
are shown once: with the same key again they are refused, and a code in place of a lost one has no second showing. A
test of an invitation is another one each time. What else comes again is refused or changes nothing."""


class _Described(FastAPI):
    # Built when somebody asks for it, not at each start: that would take as long as all the rest of the web side.
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _with_our_refusals(super().openapi())
        return self.openapi_schema


def make_api(begin: Begin, routers: Iterable[APIRouter], *, approval_from: int = APPROVAL_FROM) -> FastAPI:
    """The API, to be mounted under /api/v1.

    begin: opens a unit of work · routers: the routes, see handlers/subjects.py · approval_from: from so many recipients
    on, a second person must approve a broadcast.
    """
    app = _Described(
        title="Buurtstem",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "/api/v1"}],
    )
    app.state.begin, app.state.approval_from = begin, approval_from
    refusal: dict[int | str, dict[str, Any]] = {
        "default": {
            "description": "Refused: problem+json",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    everything = APIRouter(responses=refusal, dependencies=[Depends(_never_stored)])
    for router in routers:
        everything.include_router(router)
    app.include_router(everything)
    install(app)
    return app


async def _never_stored(response: Response) -> None:
    response.headers.update(HEADERS)


def _with_our_refusals(described: dict[str, Any]) -> dict[str, Any]:
    """Put our form of refusals into the description; FastAPI's own 422, which is never sent, is taken out."""
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    form = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(form.pop("$defs"))
    schemas["Problem"] = form
    for path in described["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    return described
