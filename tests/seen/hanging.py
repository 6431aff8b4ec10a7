"""The real program with one part made to hang: `python -m tests.seen.hanging WHAT run`; its watchdog is impatient.

WHAT is a key of FAULTS: `speaker` waits for ever, `event_loop` is blocked, with `nothing` each loop says that it turns.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from bot.__main__ import main
from bot.jobs import ticking
from bot.process import watchdog
from bot.process.loops import LOOPS, Loops
from bot.speaking.speaker import Speaker
from handlers.clock.moments import ClockMoment
from services.work import Work


async def _waits_for_nobody(_speaker: Speaker) -> float:
    LOOPS.turned("speaker", 1.0)
    await asyncio.Event().wait()
    return 0.0


async def _blocks_all(_work: Work) -> None:
    time.sleep(600)  # noqa: ASYNC251 - that is the fault


def _tells_turns() -> None:
    turned = Loops.turned

    @wraps(turned)
    def told(self: Loops, name: str, *within: float) -> None:
        if name not in self._due:
            print(f"turned: {name}", file=sys.stderr, flush=True)
        turned(self, name, *within)

    setattr(Loops, "turned", told)  # noqa: B010 - mypy forbids the plain way


FAULTS: dict[str, Callable[[], Any]] = {
    "speaker": lambda: setattr(Speaker, "_turn", _waits_for_nobody),
    "event_loop": lambda: setattr(ticking, "MOMENTS", (ClockMoment(_blocks_all, 1),)),
    "nothing": _tells_turns,
}

if __name__ == "__main__":
    watchdog.ENDED_AFTER = 10
    (watchdog.Watchdog.__init__.__kwdefaults__ or {})["look"] = 0.5
    FAULTS[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
