"""What routes of the console take: one unit of work a request, who is signed in, forms that only our pages can send."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from handlers.console.pages import SESSION, VISIT, csrf, held
from services.staff.accounts import Staff
from services.staff.sign_in import signed_in
from services.work import Work

FIELD_LIMIT = 8 * 1024 * 1024


class SignInFirst(Exception):
    """Nobody is signed in, and this page is for staff only."""


class Forged(Exception):
    """A form that did not come from one of our pages, or came from a page of an earlier session of the browser."""


async def _open_work(request: Request) -> AsyncIterator[Work]:
    async with request.app.state.begin() as work:
        yield work


# scope="function": the commit comes before the answer goes out, so no answer tells of a change that was not kept.
OpenWork = Annotated[Work, Depends(_open_work, scope="function")]


async def _visitor(request: Request, work: OpenWork) -> Staff:
    session = held(request, SESSION)
    staff = await signed_in(work, session) if session else None
    if staff is None:
        raise SignInFirst
    request.state.staff = staff
    return staff


SignedIn = Annotated[Staff, Depends(_visitor, scope="function")]


async def sent_form(request: Request, files: int = 0) -> FormData:
    """The form that one of our own pages sent. files: how many files it may hold. Raises Forged."""
    # FIELD_LIMIT is large: the words of an uploaded file stand in a field where a page asks to confirm them.
    form = await request.form(max_files=files, max_fields=100, max_part_size=FIELD_LIMIT)
    visit = held(request, SESSION) or held(request, VISIT)
    if not visit or not hmac.compare_digest(csrf(visit).encode(), text_of(form, "csrf").encode()):
        await form.close()
        raise Forged
    return form


async def _only_form(request: Request) -> FormData:
    return await sent_form(request)


SentForm = Annotated[FormData, Depends(_only_form, scope="function")]


async def _form_of_staff(request: Request) -> FormData:
    """A form with a file, from somebody signed in. Read with no unit of work open, because uploads are slow."""
    async with request.app.state.begin() as work:
        await _visitor(request, work)
    return await sent_form(request, files=1)


# A route must name this parameter before OpenWork.
StaffForm = Annotated[FormData, Depends(_form_of_staff, scope="function")]


def text_of(form: FormData, name: str) -> str:
    """A text field of a form; "" where there is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


async def file_of(form: FormData, name: str) -> bytes:
    """The content of a file that was sent; empty without one. Closes the form: no second file can be read."""
    sent = form.get(name)
    content = await sent.read() if isinstance(sent, UploadFile) else b""
    await form.close()
    return content


def texts_of(form: FormData, name: str) -> tuple[str, ...]:
    """All values of a field that may be ticked several times."""
    return tuple(value for value in form.getlist(name) if isinstance(value, str))
