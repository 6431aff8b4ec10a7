"""Every kind of signal has its words: on the report's buttons, in a resident's own list, and for staff."""

from __future__ import annotations

import pytest

from conversations.signals import followed, report_choices
from domain.signals.workflow import Kind
from locales.texts import has


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_has_its_words_everywhere(kind: Kind) -> None:
    assert kind in report_choices.KINDS, "conversations/signals/report_choices.py"
    assert kind in followed.KINDS, "conversations/signals/followed.py"
    assert has(f"console.kind.{kind}"), "locales/*/console.po"
