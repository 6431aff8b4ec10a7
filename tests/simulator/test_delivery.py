"""Updates that come twice and out of order, as a seed decides; each is accepted in the end."""

from aiohttp import web

from simulator.local_telegram import Telegram
from tests.simulator.client import Bot, Hook, Update, until

UPDATES = 60


async def write(telegram: Telegram) -> list[int | None]:
    residents = [(await telegram.post("/sim/residents"))["id"] for _ in range(3)]
    return await telegram.act([{"resident": residents[n % 3], "kind": "text", "text": str(n)} for n in range(UPDATES)])


async def test_a_webhook_gets_each_update_one_to_five_times_and_shuffled(
    bot: Bot, telegram: Telegram, hook: Hook
) -> None:
    async def sometimes_fails(update: Update) -> web.Response:
        return web.Response(status=500 if len(hook.heard) % 7 == 0 else 200)

    hook.answers = sometimes_fails
    await telegram.delivery((1, 5), shuffle=30, seed=1)
    made = await write(telegram)
    await bot("setWebhook", url=hook.url, max_connections=8)

    async def all_accepted() -> bool:
        await telegram.advance(5)
        return await bot.waiting() == 0

    await until(all_accepted)
    heard = [update["update_id"] for update in hook.heard]
    assert set(heard) == set(made)
    assert heard != sorted(heard)
    assert max(heard.count(update_id) for update_id in made if update_id) > 2
    entries = [entry for entry in await telegram.ledger() if entry["kind"] == "update_accepted"]
    assert len(entries) == UPDATES


async def test_a_poll_gets_doubled_and_shuffled_updates_too(bot: Bot, telegram: Telegram) -> None:
    await telegram.delivery((2, 2), shuffle=30, seed=1)
    made = await write(telegram)
    ids = [update["update_id"] for update in await bot("getUpdates", timeout=5)]
    assert sorted(ids) == sorted([*made, *made])  # type: ignore[type-var]
    assert ids != sorted(ids)


async def test_the_same_seed_gives_the_same_disorder(bot: Bot, telegram: Telegram) -> None:
    orders = []
    for _ in range(2):
        await telegram.reset()
        await bot("getMe")
        await telegram.delivery((1, 3), shuffle=10, seed=42)
        made = await write(telegram)
        order = [update["update_id"] for update in await bot("getUpdates", timeout=5)]
        orders.append([made.index(update_id) for update_id in order])
    assert orders[0] == orders[1]
