"""Makes pages: the reader's language, the template, cookies, and strict headers (no foreign content, no caching)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.neighbourhoods import BY_CODE
from domain.screens import Told
from domain.wall_clock import TIMEZONE
from locales import texts

HERE = Path(__file__).parent
SESSION, VISIT, LANGUAGE = "session", "visit", "language"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_COOKIE = {"httponly": True, "samesite": "strict", "path": "/"}
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def language_of(request: Request) -> str:
    """The language that was chosen, else the first one that the browser asks for and we have, else Dutch."""
    chosen = held(request, LANGUAGE)
    if chosen in texts.LANGUAGES:
        return chosen
    for wish in request.headers.get("accept-language", "").split(","):
        base = re.split("[-;]", wish.strip())[0].lower()
        if base in texts.LANGUAGES:
            return base
    return texts.SOURCE


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    at: str = "",
    **values: Any,
) -> HTMLResponse:
    """A page in the reader's language. `values` are for the template, which also gets say, day, csrf, staff and more.

    at: the name of the form's field that is wrong, see field_at in templates/parts.html.
    """
    language = language_of(request)
    visit = held(request, SESSION) or held(request, VISIT) or secrets.token_urlsafe(32)

    def say(key: str, count: int | None = None, **given: str | int) -> str:
        return texts.say(language, key, given, count)

    html = TEMPLATES.get_template(template).render(
        say=say,
        day=lambda when: texts.day(language, when),
        moment=lambda when: texts.moment(language, when, TIMEZONE),
        money=lambda cents: texts.money(language, cents),
        told=lambda words: Told(words).spoken(language),
        buurt=lambda code: BY_CODE[code].name if code in BY_CODE else say("console.worklist.nowhere"),
        language=language,
        languages=texts.NAMES,
        direction=texts.direction,
        csrf=csrf(visit),
        location=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        sent=request.method == "POST",
        refused=status >= 400,
        at=at,
        staff=getattr(request.state, "staff", None),
        **values,
    )
    response = HTMLResponse(html, status, headers={**HEADERS, **(headers or {})})
    if not held(request, SESSION) and not held(request, VISIT):
        remember(request, response, VISIT, visit)
    return response


def message_page(request: Request, status: int, title: str, text: str, **values: str) -> HTMLResponse:
    """A page with only a title and a text, each given by its text key. values: those that the text names."""
    return page(request, "message.html", status=status, title=title, text=text, values=values)


def go(path: str) -> RedirectResponse:
    """Send the browser on to a page of ours, which it gets with GET (status 303)."""
    return RedirectResponse(path, 303, headers=HEADERS)


def local_path(wanted: str) -> str:
    """`wanted` if it is a path within the console, else `/`: a link must not lead elsewhere."""
    return wanted if _LOCAL_PATH.fullmatch(wanted) else "/"


def remember(request: Request, response: Response, name: str, value: str, *, lasts: timedelta | None = None) -> None:
    """Set a cookie that no script and no other site can use. lasts: None keeps it until the browser is closed."""
    age = int(lasts.total_seconds()) if lasts else None
    secure = request.app.state.secure
    response.set_cookie(_cookie(request, name), value, max_age=age, secure=secure, **_COOKIE)  # type: ignore[arg-type]


def held(request: Request, name: str) -> str:
    """The value of a cookie that `remember` set under that name; "" without one."""
    return request.cookies.get(_cookie(request, name), "")


def forget(request: Request, response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(_cookie(request, name), secure=request.app.state.secure, **_COOKIE)  # type: ignore[arg-type]


def _cookie(request: Request, name: str) -> str:
    """A cookie's name in the browser, which takes one with `__Host-` only over https, and from this very host."""
    return f"__Host-{name}" if request.app.state.secure else name


def csrf(visit: str) -> str:
    """The token that each form of this browser must send back. visit: the secret in the browser's cookie."""
    return hmac.digest(visit.encode(), b"form", hashlib.sha256).hex()
