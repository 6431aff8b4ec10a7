"""/metrics: every series typed, explained and there from the start; nothing about a person."""

import re

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.process import metrics
from bot.running.observer import summed
from services.speaking.delivering import STATES, Fate

# The metrics that docs/operations.md says to alert on, each with the least number of series at the first request.
WANTED = {
    "buurtstem_updates_taken": 3, "buurtstem_sends": len(Fate), "buurtstem_halts": 1, "buurtstem_halt_seconds": 1,
    "buurtstem_outbox": len(STATES), "buurtstem_queue_age_seconds": 1, "buurtstem_dead_letters": 1,
    "buurtstem_database_up": 1, "buurtstem_database_away_seconds": 1, "buurtstem_disk_free_bytes": 1,
    "buurtstem_loop_lag_seconds": 3, "buurtstem_loop_hung": 8, "buurtstem_part_restarts": 8,
    "buurtstem_http_requests": 24,
}  # fmt: skip
LABELS = {"state", "fate", "outcome", "part", "status", "version", "role", "le", "loop"}


def test_every_series_is_typed_explained_and_there_before_anything_happened() -> None:
    found = {one.name: one for one in text_string_to_metric_families(generate_latest(metrics.REGISTRY).decode())}
    for name, least in WANTED.items():
        assert len(found[name].samples) >= least, name
    for family in found.values():
        assert family.type in {"counter", "gauge", "histogram"}, family.name
        assert family.documentation


def test_no_label_can_hold_a_person_a_place_or_a_subject() -> None:
    families = text_string_to_metric_families(generate_latest(metrics.REGISTRY).decode())
    used = {label for family in families for sample in family.samples for label in sample.labels}
    assert used <= LABELS


def test_the_restarts_of_a_supervisor_plug_in_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.RESTARTS, "counted", {"speaker": 3, "new part": 1})
    said = generate_latest(metrics.REGISTRY).decode()
    assert 'buurtstem_part_restarts_total{part="speaker"} 3' in said
    assert 'buurtstem_part_restarts_total{part="new part"} 1' in said
    assert re.search(r'part_restarts_total\{part="clock"\} 0', said)


def test_a_minute_is_summed_in_one_line_and_a_quiet_one_is_not() -> None:
    before: dict[str, int] = dict.fromkeys(map(str, Fate), 3)
    assert summed(before, before, 0) == ""
    after = {**before, Fate.SAID: 15, Fate.HALTED: 4}
    assert summed(before, after, 7) == "in the last minute sent: 12 said, 1 halted; taken: 7 updates"
