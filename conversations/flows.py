"""All conversations by name: what a kept state belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.broadcasts.news import NEWS
from conversations.engine.confirm import CUT_LINE, ERASE, REOPEN, WITHDRAW
from conversations.engine.flow import Flow
from conversations.meetings.rsvp import RSVP
from conversations.signals.add_to_signal import ADD
from conversations.signals.report_signal import REPORT

FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (REPORT, ADD, WITHDRAW, CUT_LINE, REOPEN, ERASE, RSVP, NEWS)}
