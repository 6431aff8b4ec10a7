"""All conversations by name, to find the flow of a kept state."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.broadcasts.news import NEWS
from conversations.engine.flow import Flow
from conversations.meetings.rsvp import RSVP
from conversations.people.erasing import ERASE
from conversations.signals.add_to_signal import ADD
from conversations.signals.report_signal import REPORT
from conversations.signals.undoing import CUT_LINE, REOPEN, WITHDRAW

FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in (REPORT, ADD, WITHDRAW, CUT_LINE, REOPEN, ERASE, RSVP, NEWS)}
# Flows that only ask whether something is to be done: a resident who leaves one has changed nothing.
QUESTIONS = frozenset({WITHDRAW.name, CUT_LINE.name, REOPEN.name, ERASE.name})
