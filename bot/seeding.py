"""A little demo data for the local Telegram: a handler with a link that signs in, and two made-up signals."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from domain.signals import Kind, Report
from domain.staff import StaffRole
from services import signals, staff
from services.work import Work

EMAIL = "handler@demo.example"
# Made up, with nobody behind them: their line is cut at once.
_REPORTS = (
    Report(Kind.NUISANCE, "Er ligt al weken grofvuil bij de speeltuin.", "nl", neighbourhood="FK01"),
    Report(Kind.DISCRIMINATION, "لم يُسمح لي بدخول المقهى بسبب حجابي.", "ar", neighbourhood="FJ01"),
)


@dataclass(frozen=True, slots=True)
class _Nobody:
    telegram_id: int = 0
    chat_id: int = 0


async def seed_demo(begin: Callable[[], AbstractAsyncContextManager[Work]], console: str) -> str:
    """Make the demo's member of staff and signals where they are missing; the link that signs in, once."""
    async with begin() as work:
        if any(email == EMAIL for email, _ in await staff.everybody(work)):
            link = await staff.new_link(work, EMAIL)
        else:
            link = await staff.create(work, EMAIL, StaffRole.HANDLER)
            for report in _REPORTS:
                receipt = await signals.report(work, _Nobody(), report)
                await signals.cut_line(work, _Nobody(), receipt.signal_id)
    return f"{console}/link/{link}"
