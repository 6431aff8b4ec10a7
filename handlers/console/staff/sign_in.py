"""Signing in and out: password and code, the one-time link; and the language of the pages."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from markupsafe import Markup

from domain.staff.networks import network_of
from domain.staff.rights import DEVICE_LASTS, PASSWORD_MINIMUM
from domain.wall_clock import TIMEZONE
from handlers.console.pages import (
    LANGUAGE,
    SESSION,
    VISIT,
    forget,
    go,
    held,
    language_of,
    local_path,
    message_page,
    page,
    remember,
)
from handlers.console.visits import OpenWork, SentForm, text_of
from locales.texts import LANGUAGES, hour
from services.staff import sign_in
from services.staff import sign_in_limits as limits
from services.staff.accounts import invitation
from services.work import Work

log = logging.getLogger("buurtstem.door")
router = APIRouter()
Link = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sign-in whose password was checked. fits: the kept hash that the password fits, "" for none."""

    device: str
    network: str
    fits: str = field(repr=False)


async def _asked(request: Request, form: SentForm) -> _Asked:
    """Check the password, when it is this sign-in's turn. Raises Busy."""
    network, email = network_of(request.client.host if request.client else ""), text_of(form, "email")
    async with request.app.state.begin() as work:
        device = held(request, limits.device_name(work, email))
        knock = await sign_in.knock(work, email, device, network)
    async with request.app.state.turns.turn(device if knock.known else network, known=knock.known):
        return _Asked(device, network, await knock.fitting(text_of(form, "password")))


# A route must name this parameter before OpenWork: no unit of work is open while we wait and check a password.
Asked = Annotated[_Asked, Depends(_asked, scope="function")]


@router.get("/sign-in")
async def asked_for_sign_in(request: Request, next: str = "/") -> Response:
    """The form with e-mail address, password and code."""
    return page(request, "staff/sign_in.html", next=local_path(next), email="", problem=None, unsent=())


@router.post("/sign-in")
async def sent_sign_in(request: Request, form: SentForm, asked: Asked, work: OpenWork) -> Response:
    """Sign in and go on to the wanted page. A refusal has the same words, whichever of the three was wrong."""
    wanted, email = local_path(text_of(form, "next")), text_of(form, "email")
    problem, status, headers = {"key": "console.enter.wrong"}, 401, {}
    try:
        password, code = text_of(form, "password"), text_of(form, "code")
        session = await sign_in.sign_in(work, email, password, code, asked.device, asked.network, asked.fits)
        if session is not None:
            work.after_commit(partial(log.info, "signed in: with password and code"))
            return _known(request, work, email, _entered(request, session, wanted))
        log.info("refused to sign in: password or code is wrong, or nobody has that address")
    except sign_in.TooManyWrong as error:
        log.info("refused to sign in: too many wrong ones")
        until = hour(language_of(request), error.until, TIMEZONE)
        problem, status = {"key": "console.enter.throttled", "hour": until}, 429
        headers = {"Retry-After": str(int((error.until - work.now).total_seconds()) + 1)}
    return page(
        request,
        "staff/sign_in.html",
        status=status,
        headers=headers,
        next=wanted,
        email=email,
        problem=problem,
        unsent=(),
    )


@router.get("/link/{link}")
async def opened_link(request: Request, work: OpenWork, link: Link) -> Response:
    """The page of a one-time link: choose a password and enrol a phone. In a demonstration the link itself signs in."""
    if request.app.state.demo:
        session = await sign_in.enter(work, link)
        if session:
            work.after_commit(partial(log.info, "signed in: by a link of the demonstration"))
        return _entered(request, session, "/") if session else _ended(request)
    return await _enrolment(request, work, link)


@router.post("/link/{link}")
async def sent_enrolment(request: Request, work: OpenWork, link: Link, form: SentForm) -> Response:
    """Keep the chosen password and the code: the link is used up, its owner signed in, this browser known."""
    offered = await invitation(work, link)
    try:
        session = await sign_in.accept(work, link, text_of(form, "password"), text_of(form, "code"))
    except sign_in.BadPassword:
        return await _enrolment(request, work, link, "console.enrol.bad_password")
    except sign_in.WrongOneTimeCode:
        return await _enrolment(request, work, link, "console.enrol.wrong_code")
    if not session or not offered:
        return _ended(request)
    work.after_commit(partial(log.info, "signed in: with a new password, by a link for one use"))
    return _known(request, work, offered.email, _entered(request, session, "/"))


@router.post("/sign-out")
async def sent_sign_out(request: Request, work: OpenWork, form: SentForm) -> Response:
    """End the session, in the browser and in the database."""
    await sign_in.sign_out(work, held(request, SESSION))
    response = go("/sign-in")
    forget(request, response, SESSION)
    return response


@router.post("/language")
async def sent_language(request: Request, form: SentForm) -> Response:
    """Show the pages in another language from now on, beginning with the page that was open."""
    response = go(local_path(text_of(form, "back")))
    chosen = text_of(form, "language")
    if chosen in LANGUAGES:
        remember(request, response, LANGUAGE, chosen)
    return response


async def _enrolment(request: Request, work: OpenWork, link: str, problem: str | None = None) -> Response:
    offered = await invitation(work, link)
    if offered is None:
        return _ended(request)
    return page(
        request,
        "staff/enrol.html",
        status=422 if problem else 200,
        at={"console.enrol.bad_password": "password", "console.enrol.wrong_code": "code"}.get(problem or "", ""),
        offered=offered,
        picture=_qr(offered.otpauth),
        problem=problem,
        minimum=PASSWORD_MINIMUM,
    )


def _qr(uri: str) -> Markup:
    drawn = BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=5, border=4, xmldecl=False, svgns=True, light="#fff")
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn here, holds no text


def _entered(request: Request, session: str, wanted: str) -> Response:
    response = go(wanted)
    remember(request, response, SESSION, session)
    forget(request, response, VISIT)
    return response


def _known(request: Request, work: Work, email: str, response: Response) -> Response:
    device = limits.device_of(work, email)
    remember(request, response, limits.device_name(work, email), device, lasts=DEVICE_LASTS)
    return response


def _ended(request: Request) -> Response:
    log.info("refused to sign in: no such link, or it was used or is over")
    return message_page(request, 404, "console.enrol.ended", "console.enrol.ended_how")
