"""What this process counts for /metrics: every series has a type and a help text, and is there from the start.

Nothing in a series is about a person: no id, no address, no area, no subject of a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from services.speaking.delivering import STATES, Fate

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
# The parts of all roles: a part that does not run in this process has 0 restarts.
_PARTS = ("heart", "http", "speaker", "fetcher", "counting", "clock", "profile", "listener")
_LOOPS = ("event loop", "heart", "speaker", "fetcher", "counting", "clock", "listener", "observer")
_STATUSES = (200, 303, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503)

INFO = Gauge("buurtstem_info", "1, with the version and the role as labels", ["version", "role"], registry=REGISTRY)
UPDATES = Counter(
    "buurtstem_updates_taken", "Updates from Telegram that were handled, by outcome", ["outcome"], registry=REGISTRY
)
SENDS = Counter("buurtstem_sends", "Requests to Telegram that say something, by fate", ["fate"], registry=REGISTRY)
HALTS = Counter("buurtstem_halts", "Pauses that Telegram asked for (429)", registry=REGISTRY)
HALT_LEFT = Gauge("buurtstem_halt_seconds", "Seconds until sending may go on; 0 when not halted", registry=REGISTRY)
OUTBOX = Gauge("buurtstem_outbox", "Messages in the outbox, by state", ["state"], registry=REGISTRY)
QUEUE_AGE = Gauge("buurtstem_queue_age_seconds", "How long the oldest waiting answer waits", registry=REGISTRY)
DEAD_LETTERS = Gauge("buurtstem_dead_letters", "Updates kept that could not be handled", registry=REGISTRY)
DATABASE_UP = Gauge("buurtstem_database_up", "1 while the database answers this process", registry=REGISTRY)
DATABASE_AWAY = Counter(
    "buurtstem_database_away_seconds", "Seconds in which the database did not answer this process", registry=REGISTRY
)
DISK_FREE = Gauge("buurtstem_disk_free_bytes", "Free bytes in the folder of the data", registry=REGISTRY)
LOOP_LAG = Histogram(
    "buurtstem_loop_lag_seconds",
    "How late the event loop does what is due",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
LOOP_HUNG = Gauge("buurtstem_loop_hung", "1 while a loop that must turn does not", ["loop"], registry=REGISTRY)
HTTP_REQUESTS = Counter(
    "buurtstem_http_requests", "Requests to the API and the console, by status", ["part", "status"], registry=REGISTRY
)


class PartRestarts(Collector):
    """How often each part was started again. counted: the supervisor's counts by part, once there is one."""

    counted: Mapping[str, int] = {}

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One series a part, also for those that do not run here."""
        family = CounterMetricFamily(
            "buurtstem_part_restarts", "How often a part that fell over was started again", labels=["part"]
        )
        for part in sorted({*_PARTS, *self.counted}):
            family.add_metric([part], self.counted.get(part, 0))
        yield family


RESTARTS = PartRestarts()
REGISTRY.register(RESTARTS)
ProcessCollector(registry=REGISTRY)
for _loop in _LOOPS:
    LOOP_HUNG.labels(_loop)
for _state in STATES:
    OUTBOX.labels(_state)
for _fate in Fate:
    SENDS.labels(_fate)
for _outcome in ("handled", "repeated", "dead"):
    UPDATES.labels(_outcome)
for _part in ("api", "console"):
    for _status in _STATUSES:
        HTTP_REQUESTS.labels(_part, str(_status))


def sends() -> dict[str, int]:
    """Fate -> the number of requests with it, since this process began."""
    return {fate: _counted("buurtstem_sends_total", fate=fate) for fate in Fate}


def handled() -> int:
    """How many updates were taken, since this process began."""
    return sum(_counted("buurtstem_updates_taken_total", outcome=outcome) for outcome in ("handled", "dead"))


def _counted(series: str, **labels: str) -> int:
    return int(REGISTRY.get_sample_value(series, labels) or 0)
