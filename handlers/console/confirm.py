"""The page that confirms an act that reaches many people or can't be undone: what, who, how many, which words."""

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
    """A page that shows what happens when the form is sent to `action` with `fields`; nothing was done yet.

    back: path of the page to go back to · name: what the act is about, by language · do: words on the button ·
    explain: words that say what the act does · facts: (text key, value) · screens: what residents will read because of
    the act · fields: (name, value) of hidden fields · changed: this is asked again, because what staff saw has changed.
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
