"""`python -m bot staff`: make, list and end accounts of the staff; print one-time links and API tokens."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace

from bot.commands.command import with_settings
from bot.commands.words import WRONG, make_parser
from bot.settings import Settings
from bot.wiring import join, open_database
from domain.neighbourhoods import ALL
from domain.signals.workflow import Kind
from domain.staff.rights import LINK_LASTS, Mandate, Scope, StaffRole
from services.staff import accounts
from services.work import Work

AREAS = tuple(sorted({one.area for one in ALL}))


def parser() -> ArgumentParser:
    """The parser of the words behind `staff`."""
    top = make_parser("staff", __doc__ or "")
    acts = top.add_subparsers(dest="act", required=True)
    create = acts.add_parser("create", help="make an account and print its one-time sign-in link")
    create.add_argument("email")
    create.add_argument("--role", required=True, choices=[role.value for role in StaffRole])
    create.add_argument("--area", action="append", choices=AREAS, help="a gebied; may be repeated; without: all")
    create.add_argument("--kind", action="append", choices=[kind.value for kind in Kind], help="without: all")
    create.add_argument("--organisation", default="none", help="none, municipality, police, school, corporation:NAME")
    link = acts.add_parser("link", help="print a new one-time link, for a lost password or phone")
    token = acts.add_parser("token", help="print a new API token")
    token.add_argument("--scope", action="append", choices=[scope.value for scope in Scope], help="without: the role's")
    end = acts.add_parser("end", help="end an account with its sessions and tokens")
    for act in (link, token, end):
        act.add_argument("email")
    acts.add_parser("list", help="print all accounts")
    return top


def main(arguments: list[str]) -> int:
    """Do the command and print its lines. Returns the exit status."""
    asked = parser().parse_args(arguments)

    def act(settings: Settings) -> int:
        try:
            print("\n".join(asyncio.run(_run(settings, asked))))
        except (accounts.UnknownStaff, ValueError) as error:
            print(error, file=sys.stderr)
            return WRONG
        return 0

    return with_settings(act)


async def _run(settings: Settings, asked: Namespace) -> list[str]:
    database = open_database(settings)
    try:
        await join(database, settings)
        async with database.begin() as work:
            return await done(work, asked, settings.console_url)
    finally:
        await database.close()


async def done(work: Work, asked: Namespace, base_url: str) -> list[str]:
    """Do what was asked for. Returns the lines to print. Raises UnknownStaff, and ValueError for a wrong value."""
    match asked.act:
        case "create":
            kinds = [Kind(kind) for kind in asked.kind] if asked.kind else None
            link = await accounts.create(
                work, asked.email, StaffRole(asked.role), areas=asked.area, kinds=kinds, organisation=asked.organisation
            )
            return _shown(link, asked.email, base_url)
        case "link":
            return _shown(await accounts.new_link(work, asked.email), asked.email, base_url)
        case "token":
            scopes = [Scope(scope) for scope in asked.scope] if asked.scope else None
            return [await accounts.new_token(work, asked.email, scopes)]
        case "end":
            await accounts.dismiss(work, asked.email)
            return [f"{asked.email} can no longer sign in"]
    everybody = await accounts.everybody(work)
    return [_account(email, mandate) for email, mandate in everybody] or ["there is no account yet"]


def _shown(link: str, email: str, base_url: str) -> list[str]:
    hours = int(LINK_LASTS.total_seconds() // 3600)
    again = f"`python -m bot staff link {email}` prints a new one."
    return [f"{base_url}/link/{link}", f"The link works once, within {hours} hours. {again}"]


def _account(email: str, mandate: Mandate) -> str:
    areas = ", ".join(sorted(mandate.areas)) if mandate.areas else "all areas"
    kinds = ", ".join(sorted(mandate.kinds)) if mandate.kinds else "all kinds"
    return f"{email}  {mandate.role}  {areas}  {kinds}  {mandate.organisation}"
