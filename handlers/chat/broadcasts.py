"""The deeds around news of the neighbourhood: opting in, fewer, stop, and the test of a broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversations.broadcasts import news
from conversations.engine.state import Done
from handlers.chat import conversation
from handlers.chat.tap import Deed, Ending, Tap
from services.broadcasts import audience, drafts
from services.broadcasts.audience import Wish


async def tapped_news(tap: Tap, _value: str) -> None:
    """Shows which news a resident gets; one who gets none yet is asked which they want."""
    wish = await audience.wish_of(tap.work, tap.who)
    if wish is None:
        await tapped_choose(tap, "")
    else:
        await tap.show(news.chosen(wish.neighbourhood, fewer=wish.fewer))


async def tapped_choose(tap: Tap, _value: str) -> None:
    """Asks of which neighbourhood a resident wants news, and how often."""
    await conversation.begin(tap, news.NEWS)


async def chose(tap: Tap, done: Done) -> None:
    """After the conversation about news: keeps what was chosen."""
    wish = Wish(done.answers.get("neighbourhood"), done.outcome == news.FEWER)
    await audience.choose(tap.work, tap.who, wish)
    await tap.show(news.chosen(wish.neighbourhood, fewer=wish.fewer), in_place=True)


async def tapped_fewer(tap: Tap, _value: str) -> None:
    """One message a week at most, from now on; a resident who gets no news still gets none."""
    wish = await audience.wish_of(tap.work, tap.who)
    if wish is None:
        await tap.show(news.stopped())
        return
    await audience.choose(tap.work, tap.who, replace(wish, fewer=True))
    await tap.show(news.chosen(wish.neighbourhood, fewer=True))


async def tapped_stop(tap: Tap, _value: str) -> None:
    """Stops all news."""
    await audience.choose(tap.work, tap.who, None)
    await tap.show(news.stopped())


async def opened_test(tap: Tap, token: str) -> None:
    """Shows a broadcast as it will be, once, to the person who was given the test link."""
    await tap.show(await drafts.tried(tap.work, token) or news.test_is_over())


DEEDS: Mapping[str, Deed] = {
    "news": tapped_news,
    "news_choose": tapped_choose,
    "news_fewer": tapped_fewer,
    "news_stop": tapped_stop,
    "news_test": opened_test,
}
ENDINGS: Mapping[str, Ending] = {news.NEWS.name: chose}
