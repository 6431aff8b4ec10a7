"""The voting codes of a round: made once as a CSV file or as letters, blocked, replaced, counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import FormData

from domain.budget.ballot_codes import shown
from domain.budget.rounds import CODES_AT_ONCE
from handlers.console.budget.printing import LETTERS_AT_ONCE, LetterSender, link_of, printed, unprintable
from handlers.console.budget.rounds import RoundId, managed_round, round_page
from handlers.console.forms import WrongField, count_of
from handlers.console.pages import HEADERS, go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of
from locales.texts import listing, say
from services.budget import codes as voting_codes
from services.budget.round_acts import Frozen
from services.staff.accounts import Staff
from services.work import Work

router = APIRouter()
_HEAD = b"code,link\r\n"


@router.post("/rounds/{round_id}/codes")
async def sent_codes_wanted(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """Make new codes and send them as a file, only this once: we keep only hashes. Asks first if there are codes."""
    outside = request.app.state.outside
    found = await managed_round(work, staff, round_id)
    as_letters = text_of(form, "form") == "letters"
    sender = LetterSender(await outside.bot_name(), outside.responsible, outside.contact)
    if as_letters and (signs := unprintable((*found.title.values(), sender.bot, sender.name, sender.contact))):
        said = listing(language_of(request), signs)
        return await _refused(request, work, staff, round_id, "console.letter.unprintable", "count", form, signs=said)
    most = LETTERS_AT_ONCE if as_letters else CODES_AT_ONCE
    try:
        count = count_of(form, "count")
        if count > most:
            raise WrongField("count")
        seen = count_of(form, "seen") if text_of(form, "seen") else 0
        kind, first = text_of(form, "code_class"), None if as_letters else voting_codes.AT_ONCE
        made = await voting_codes.make_codes(work, staff, round_id, count, kind, there=seen, first=first)
    except voting_codes.CodesThere as error:
        return page(
            request,
            "budget/codes_confirm.html",
            status=409,
            round=found,
            batches=await voting_codes.batches(work, staff, round_id),
            there=error.batches,
            wanted={name: text_of(form, name) for name in ("count", "code_class", "form")},
            changed=bool(seen),
        )
    except ValueError:
        return await _refused(
            request, work, staff, round_id, "console.codebox.wrong_count", "count", form, least=1, most=most
        )
    except Frozen:
        return await _refused(request, work, staff, round_id, "console.codebox.closed")
    if as_letters:
        return _file(_whole(printed(found, made.codes, sender)), "letters.pdf", "application/pdf")
    portions = voting_codes.all_of(request.app.state.begin, staff, round_id, made, count, kind)
    # All lines are equally long, so the length is known: the browser shows progress, and notices a file that was cut.
    length = len(_HEAD) + count * len(_lines(made.codes[:1], sender.bot))
    return _file(_table(portions, sender.bot), "codes.csv", "text/csv; charset=utf-8", length)


@router.post("/rounds/{round_id}/codes/handed-out")
async def sent_handed_out(
    request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm
) -> Response:
    """Set how many codes of a batch were handed out."""
    batch = text_of(form, "batch")
    try:
        await voting_codes.set_handed_out(work, staff, round_id, batch, count_of(form, "count"))
    except ValueError:
        most = next((one.made for one in await voting_codes.batches(work, staff, round_id) if one.id == batch), 0)
        key, at = "console.codebox.wrong_count", f"batch-{batch}"
        return await _refused(request, work, staff, round_id, key, at, form, least=0, most=most)
    except Frozen:
        return await _refused(request, work, staff, round_id, "console.codebox.closed")
    return go(f"/rounds/{round_id}?done=counted")


@router.post("/rounds/{round_id}/codes/block")
async def sent_block(request: Request, work: OpenWork, staff: SignedIn, round_id: RoundId, form: SentForm) -> Response:
    """Block a lost code, and make another in its place where that is asked."""
    replaced, code = None, text_of(form, "code")
    try:
        if text_of(form, "replace"):
            replaced = shown(await voting_codes.replace_code(work, staff, round_id, code))
        else:
            await voting_codes.block_code(work, staff, round_id, code)
    except voting_codes.UnknownCode:
        return await _refused(request, work, staff, round_id, "console.codebox.unknown", "code", form)
    except voting_codes.UsedCode:
        return await _refused(request, work, staff, round_id, "console.codebox.used_already", "code", form)
    except Frozen:
        return await _refused(request, work, staff, round_id, "console.codebox.closed")
    return await round_page(request, work, staff, round_id, done="blocked", replaced=replaced)


async def _refused(
    request: Request,
    work: Work,
    staff: Staff,
    round_id: str,
    key: str,
    at: str = "",
    form: FormData | None = None,
    **values: int | str,
) -> Response:
    """The page of the round with the reason of a refusal. at: the wrong field · form: keeps what was filled in."""
    problem = say(language_of(request), key, values)
    given = {name: text_of(form, name) for name in ("count", "code")} if form else None
    return await round_page(request, work, staff, round_id, problem=problem, at=at, given=given)


async def _table(portions: AsyncIterator[tuple[str, ...]], bot: str) -> AsyncIterator[bytes]:
    yield _HEAD
    async for codes in portions:
        yield _lines(codes, bot)


def _lines(codes: Sequence[str], bot: str) -> bytes:
    """Lines of CSV: letters, digits and an address of ours, nothing that a spreadsheet could take for a formula."""
    return b"".join(f"{shown(code)},{link_of(bot, code)}\r\n".encode() for code in codes)


async def _whole(made: Awaitable[bytes]) -> AsyncIterator[bytes]:
    yield await made


def _file(content: AsyncIterator[bytes], name: str, media_type: str, length: int = 0) -> Response:
    """A file to download. It is made after the unit of work has ended: a thousand letters take seconds.

    length: in bytes, 0 where it is not known yet.
    """
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    if length:
        headers["Content-Length"] = str(length)
    return StreamingResponse(content, media_type=media_type, headers=headers)
