"""A little demo data for the local Telegram: staff with links that sign in, and two made-up signals."""

from __future__ import annotations

from domain.reach import Reach
from domain.signals.workflow import Kind, Report
from domain.staff.rights import StaffRole
from services.signals import reporting
from services.staff import accounts
from services.upkeep.binding import DEMO_STAFF
from services.work import Begin

_NOBODY = Reach("nobody", "0")
# Made up, with nobody behind them: their line is cut at once.
_REPORTS = (
    Report(Kind.NUISANCE, "Er ligt al weken grofvuil bij de speeltuin.", "nl", neighbourhood="FK01"),
    Report(Kind.DISCRIMINATION, "لم يُسمح لي بدخول المقهى بسبب حجابي.", "ar", neighbourhood="FJ01"),
)


async def seed_demo(begin: Begin, console: str) -> dict[StaffRole, str]:
    """Make the demo's staff and signals where they are missing; role -> a link that signs in once."""
    links = {}
    async with begin() as work:
        known = {email for email, _ in await accounts.everybody(work)}
        for role, email in DEMO_STAFF.items():
            fresh = email not in known
            link = await (accounts.create(work, email, role) if fresh else accounts.new_link(work, email))
            links[role] = f"{console}/link/{link}"
        if DEMO_STAFF[StaffRole.HANDLER] not in known:
            for report in _REPORTS:
                receipt = await reporting.report(work, _NOBODY, report)
                await reporting.cut_line(work, _NOBODY, receipt.signal_id)
    return links
