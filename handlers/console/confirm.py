"""The page on which an act is confirmed that reaches many or can't be undone: what, who, how many, which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import Response

from domain.screens import Screen
from handlers.console.pages import language_of, page
from handlers.console.phones import phones
from locales.texts import say


def confirm_page(
    request: Request,
    *,
    back: str,
    action: str,
    name: Mapping[str, str],
    do: str,
    explain: str,
    facts: Sequence[tuple[str, str]],
    screens: Sequence[Screen] = (),
    fields: Sequence[tuple[str, str]] = (),
    changed: bool = False,
) -> Response:
    """What happens when `action` is sent with `fields`; nothing was done yet.

    name: what it is about, by language · do: what stands on the button · facts: (text key, value) · screens: what
    residents read because of it · changed: it is asked again, because something else was seen before.
    """
    staff, language = request.state.staff, language_of(request)
    who = say(language, f"console.role.{staff.mandate.role}")
    return page(
        request,
        "confirm.html",
        status=409 if request.method == "POST" else 200,
        back=back,
        action=action,
        name=name,
        do=do,
        explain=explain,
        changed=changed,
        facts=[("console.asked.by", f"{who} ({say(language, 'console.confirm.you')})"), *facts],
        phones=phones(*screens),
        fields=fields,
    )
