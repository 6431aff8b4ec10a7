"""`python -m bot doctor`: one line a part, `ok` or `wrong` and what to do; exit status 1 when anything is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

from telegram.error import InvalidToken, TelegramError

from bot.commands.words import make_parser
from bot.listening.ways_in import differences, pollers
from bot.process.clock import make_clock
from bot.process.health import answers
from bot.process.keys import read_keys
from bot.process.logs import hidden, start_logging
from bot.process.readiness import disk_full, free_bytes, halt_line, why_away
from bot.settings import LEGAL_TEXTS, PREFIX, Settings, WrongSetting, read_settings
from bot.speaking.sender import make_bot
from bot.wiring import check_bot, open_database
from services.staff import access
from services.upkeep.copying import hold_still
from services.upkeep.health import Health, health
from services.work import DatabaseAway

_LEAST_FREE = 200  # MB
# The part; whether it is right (None: it runs, but somebody has to do something); what was found or what to do.
Finding = tuple[str, bool | None, str]


def main(arguments: list[str]) -> int:
    """Check every part and print what was found. Returns the exit status."""
    make_parser("doctor", "Look at every part and say what is wrong and what to do.").parse_args(arguments)
    try:
        settings = read_settings()
    except WrongSetting as error:
        return _print([("settings", False, str(error))])
    start_logging(settings.log_level)
    return _print([*_bot(settings), *asyncio.run(_look(settings))])


def _bot(settings: Settings) -> list[Finding]:
    """A finding where the database is another bot's; none where it is ours or can't be asked."""
    try:
        check_bot(settings)
    except WrongSetting as error:
        return [("bot", False, str(error))]
    return []


def _print(findings: list[Finding]) -> int:
    for part, right, says in findings:
        state = {True: "ok", None: "todo", False: "wrong"}[right]
        print(f"{state:<6} {part:<9} {hidden(says)}".rstrip())
    return 1 if any(right is False for _, right, _ in findings) else 0


async def _look(settings: Settings) -> list[Finding]:
    found = [
        ("settings", True, ""),
        _signed_off(settings),
        _disk(settings),
        *await asyncio.to_thread(_running, settings),
    ]
    return [*found, *await _keys_and_database(settings), await _telegram(settings)]


async def _keys_and_database(settings: Settings) -> list[Finding]:
    try:
        read_keys(settings.keys_dir)
    except WrongSetting as error:
        return [("keys", False, str(error))]
    keys = ("keys", True, str(settings.keys_dir))
    scheme, _, path = settings.database_url.partition(":///")
    if scheme.startswith("sqlite") and not Path(path).exists():
        return [keys, ("database", False, "there is none yet: `python -m bot run` or `migrate` makes it")]
    try:
        database = open_database(settings)
    except WrongSetting as error:
        return [keys, ("database", False, str(error))]
    try:
        async with database.reading() as work:
            found = await health(work)
        if found is None:
            return [keys, ("database", False, "it has not the form of this version: `python -m bot migrate`")]
        async with database.reading() as work:
            await hold_still(work)  # an entry written meanwhile would look like a break
            listening = _listening(settings, found)
            return [keys, *_of(found), *listening, _access(await access.verify(work))]
    except DatabaseAway as error:
        return [keys, ("database", False, f"{why_away(error)}: see {PREFIX}DATABASE_URL")]
    finally:
        await database.close()


def _of(found: Health) -> list[Finding]:
    unsaid = ", ".join(f"{count} {state}" for state, count in sorted(found.unsaid.items())) or "nothing waits"
    failed = found.unsaid.get("failed", 0)
    return [
        ("database", True, ""),
        ("records", not found.keys.unreadable, _records(found)),
        ("outbox", not failed, unsaid + ("; the log says why they failed" if failed else "")),
        *([("halt", None, halt_line(found.halted))] if found.halted else []),
        _readers(found),
        ("updates", not found.buried, f"{found.buried} could not be handled" + "; see the log" * bool(found.buried)),
    ]


def _readers(found: Health) -> Finding:
    missing = []
    if found.no_confidant:
        missing.append("a confidant of no partner is missing: `staff create EMAIL --role confidant`")
    if found.unread:
        missing.append(f"{found.unread} pairs of kind and area have no handler: `staff create EMAIL --role handler`")
    return ("readers", None if missing else True, "; ".join(missing) or "every report has somebody who may read it")


def _signed_off(settings: Settings) -> Finding:
    left = [one for one in LEGAL_TEXTS if one not in settings.signed_off]
    says = f"nobody signed off {', '.join(left)}: see {PREFIX}SIGNED_OFF" if left else ""
    return ("legal", None if left else True, says)


def _listening(settings: Settings, found: Health) -> list[Finding]:
    """A finding where several processes poll; none otherwise, or where the webhook is in use."""
    why = pollers(found.processes) if settings.listen == "polling" else None
    return [("listening", False, why)] if why else []


def _records(found: Health) -> str:
    if not found.keys.unreadable:
        return f"{found.keys.readable} keys tried"
    tried = found.keys.unreadable + found.keys.readable
    return f"{found.keys.unreadable} of {tried} keys can't be opened: put back your copy of {PREFIX}KEYS_DIR"


def _access(log: access.Verdict) -> Finding:
    if log.broken is None:
        return ("access", True, f"the chain of the access log is whole, with {log.entries} entries")
    return ("access", False, f"the access log is not as it was written from entry {log.broken} on: was it changed?")


def _disk(settings: Settings) -> Finding:
    if why := disk_full(settings.data_dir):
        return ("disk", False, why)
    free = free_bytes(settings.data_dir) // 1_000_000
    return ("disk", free >= _LEAST_FREE, f"{free} MB free in {PREFIX}DATA_DIR")


def _running(settings: Settings) -> list[Finding]:
    """What the processes on this machine say about themselves at their health ports."""
    if settings.health_port == 0:
        return []  # each has another port then
    found: list[Finding] = []
    for name, (status, words) in answers(settings).items():
        right = False if status != 200 else (True if words == "ready" else None)
        found.append(("running", right, f"{name}: {words}"))
    return found or [("running", None, f"no process answers at a health port of {settings.health_host}")]


async def _telegram(settings: Settings) -> Finding:
    bot, transport = make_bot(settings.token, settings.telegram_url)
    await transport.initialize()
    try:
        name = (await bot.get_me()).username
        wrong = differences(await bot.get_webhook_info(), settings, make_clock(settings.clock)())
        return ("telegram", not wrong, "; ".join(wrong) or f"@{name}")
    except InvalidToken:
        return ("telegram", False, f"it does not know this bot: copy {PREFIX}BOT_TOKEN anew from @BotFather")
    except TelegramError as error:
        if settings.local_telegram:
            return ("telegram", True, "the local one, which is there while `python -m bot run` runs")
        return ("telegram", False, f"it can't be reached ({type(error).__name__}) at {settings.telegram_url}")
    finally:
        await transport.shutdown()
