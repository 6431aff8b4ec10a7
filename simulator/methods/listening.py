"""How a bot hears: getUpdates, the webhook's settings, and files."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.errors import Refused, bad_request, too_many_requests
from simulator.files import DOWNLOAD_LIMIT
from simulator.methods.call import Call
from simulator.people import Json
from simulator.updates import Update, kinds_of
from simulator.webhook import Webhook
from simulator.world import Bot

LONGEST_POLL = 50
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
POLL_WHILE_WEBHOOK = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Poll:
    """A getUpdates that waits; `ended_by` is why it may not go on."""

    task: asyncio.Task[Any]
    ended_by: str | None = None


async def get_updates(call: Call) -> list[Update]:
    """Long polling. A second poller ends the first one with 409, as on the server."""
    bot, params = call.bot, call.params
    if bot.webhook is not None:
        raise Refused(409, POLL_WHILE_WEBHOOK)
    bot.updates.allow(kinds_of(params.get("allowed_updates")))
    offset = _number(params, "offset", 0)
    limit = min(max(_number(params, "limit", 100), 1), 100)
    timeout = min(max(_number(params, "timeout", 0), 0), LONGEST_POLL)
    limit, timeout = _slowed(bot, offset, limit, timeout)
    found = bot.updates.fetch(offset, limit)
    if not found and timeout:
        found = await _wait(bot, offset, limit, timeout)
    for update in found:
        bot.updates.sent(update)
    chaos = call.world.knobs.chaos
    return chaos.batch(found) if chaos is not None else found


def _number(params: dict[str, Any], name: str, default: int) -> int:
    value = params.get(name, default)
    return value if isinstance(value, int) else default


def _slowed(bot: Bot, offset: int, limit: int, timeout: int) -> tuple[int, int]:
    """Slow down a bot that asks for the same offset again and again, as Client::process_get_updates_query does."""
    now, (former, at) = time.monotonic(), bot.last_poll
    bot.last_poll = (offset, now)
    if offset == former:
        if timeout < 3 and now < at + 3:
            timeout = 3
        if now < at + 0.5:
            limit = 1
    return limit, timeout


async def _wait(bot: Bot, offset: int, limit: int, timeout: int) -> list[Update]:
    end_poll(bot, OTHER_POLL)
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("getUpdates runs in a task")
    poll = bot.poll = Poll(task)
    end = time.monotonic() + timeout
    try:
        while (rest := end - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(bot.updates.arrived.wait(), rest)
            except TimeoutError:
                return []
            if poll.ended_by is not None:
                raise Refused(409, poll.ended_by)
            if found := bot.updates.fetch(max(offset, 0), limit):
                return found
        return []
    finally:
        if bot.poll is poll:
            bot.poll = None


def end_poll(bot: Bot, reason: str) -> None:
    """Have the getUpdates that waits, if any, answered with 409."""
    if bot.poll is not None:
        bot.poll.ended_by = reason
        bot.updates.arrived.set()


def set_webhook(call: Call) -> bool:
    """Set the webhook; an empty url takes it away. http and any port are allowed here, unlike on Telegram's server."""
    params, bot = call.params, call.bot
    url = params.get("url", "")
    secret = params.get("secret_token", "")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise bad_request("invalid webhook URL specified")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = min(max(_number(params, "max_connections", 40), 1), 100)
    if url:
        _not_twice_a_second(call)
    bot.updates.allow(kinds_of(params.get("allowed_updates")))
    former, drop = bot.webhook, params.get("drop_pending_updates")
    if former and (former.url, former.secret, former.max_connections) == (url, secret, connections) and not drop:
        return True  # "Webhook is already set": former failures keep their pauses
    stop_webhook(bot)
    if drop:
        bot.updates.clear()
    if url:
        end_poll(bot, "terminated by setWebhook request")
        bot.webhook = Webhook(
            call.world.knobs, bot.updates, url, secret, connections, call.carry_out, lambda: stop_webhook(bot)
        )
        bot.webhook.start()
    return True


def _not_twice_a_second(call: Call) -> None:
    now = time.monotonic()
    if now < call.bot.next_webhook_at and not call.world.knobs.thresholds.raised:
        raise too_many_requests(1)
    call.bot.next_webhook_at = now + 1


def delete_webhook(call: Call) -> bool:
    """Take the webhook away: the bot goes back to getUpdates."""
    stop_webhook(call.bot)
    if call.params.get("drop_pending_updates"):
        call.bot.updates.clear()
    return True


def stop_webhook(bot: Bot) -> None:
    """Stop the bot's webhook, if it has one, and forget it."""
    if bot.webhook is not None:
        bot.webhook.stop()
        bot.webhook = None


def get_webhook_info(call: Call) -> Json:
    """The webhook that is set, how many updates wait, what went wrong last."""
    bot, hook = call.bot, call.bot.webhook
    bot.updates.drop_expired()
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates.pending),
    }
    if hook is not None:
        info["max_connections"] = hook.max_connections
        info["ip_address"] = "127.0.0.1"
        if hook.last_error is not None:
            info["last_error_date"], info["last_error_message"] = hook.last_error
    if bot.updates.allowed is not None:
        info["allowed_updates"] = sorted(bot.updates.allowed)
    return info


def get_file(call: Call) -> Json:
    """Where a file can be fetched; up to 20 MB."""
    stored = call.world.files.get(str(call.params.get("file_id") or ""))
    if not call.params.get("file_id"):
        raise bad_request("file_id not specified")
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
        "file_path": stored.path,
    }
