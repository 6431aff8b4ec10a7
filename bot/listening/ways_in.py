"""Compares how Telegram delivers updates with how this program listens: one line a difference, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from telegram import WebhookInfo

from bot.settings import PREFIX, Settings

_MANY = 100  # updates: while a program listens, no more than these wait
_RECENT = 600.0  # seconds


def where(url: str) -> str:
    """The host and path of a webhook, without the parts that may hold a secret."""
    parts = urlsplit(url)
    return f"{parts.hostname or '?'}{parts.path}"


def differences(info: WebhookInfo, settings: Settings, now: datetime | None = None) -> list[str]:
    """What is wrong with how updates come, one line each.

    Args:
        info: what getWebhookInfo answered.
        settings: how this program listens.
        now: an aware moment; without one, Telegram's last error is told however old it is.
    """
    found = []
    if settings.listen == "polling" and info.url:
        found.append(
            f"Telegram sends updates to a webhook at {where(info.url)}, and {PREFIX}LISTEN is polling: stop the "
            "program there; a start of this one removes that webhook"
        )
    if settings.listen == "webhook" and info.url != settings.webhook_url:
        there = f"to {where(info.url)}" if info.url else "nowhere"
        found.append(
            f"Telegram sends updates {there}, not to {where(settings.webhook_url)}: start `run` or `web`, which sets "
            f"{PREFIX}WEBHOOK_URL, and no other program with this bot's token"
        )
    if settings.listen == "webhook" and info.last_error_message and _is_recent(info, now):
        found.append(
            f"Telegram could not deliver to the webhook ({_one_line(info.last_error_message)}): is the way from the "
            f"proxy to {settings.http_host}:{settings.http_port} open, and its certificate right?"
        )
    if info.pending_update_count > _MANY:
        found.append(
            f"{info.pending_update_count} updates wait at Telegram: does the program run, and is it quick enough?"
        )
    return found


def _is_recent(info: WebhookInfo, now: datetime | None) -> bool:
    at = info.last_error_date
    return now is None or at is None or (now - at.astimezone(UTC)).total_seconds() < _RECENT


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def pollers(listed: Sequence[tuple[str, str]]) -> str | None:
    """What is wrong when several live processes (role, place) poll and take each other's updates; else None."""
    found = [f"{role} on {place}" for role, place in listed if role in {"run", "listen"}]
    if len(found) < 2:
        return None
    return f"{len(found)} processes poll with this bot's token ({'; '.join(found)}): stop all but one"
