"""All conversations by name: what a kept state belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.add_to_signal import ADD
from conversations.confirm import CUT_LINE, ERASE, REOPEN, WITHDRAW
from conversations.flow import Flow
from conversations.news import NEWS
from conversations.report_signal import REPORT
from conversations.rsvp import RSVP

FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (REPORT, ADD, WITHDRAW, CUT_LINE, REOPEN, ERASE, RSVP, NEWS)}
