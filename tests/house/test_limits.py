"""The right value of each limit, and where it comes from: a test that imports the constant can't notice a change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from pkgutil import resolve_name
from types import ModuleType

import pytest

from tests.house.source import ROOMS, Source, sources

# Module and name of the limit -> its value; one mapping for each source of limits.
TELEGRAM = {  # the published description of the Bot API, and what its server was seen to do
    "handlers.telegram.render.MESSAGE_LIMIT": 4096,
    "handlers.telegram.render.CAPTION_LIMIT": 1024,
    "handlers.telegram.incoming.PHOTO_BYTES": 10_000_000,
    "bot.speaking.transport.FILE_LIMIT": 21 * 1024 * 1024,
    "domain.pace.CHAT_GAP": timedelta(seconds=1),
    "domain.broadcasts.rules.A_SECOND": 25,
    "services.outbox.saying.DELETABLE": timedelta(hours=47),
    "bot.speaking.answers.LONGEST_RETRY": 86_400,
}
PROMISED = {  # docs/privacy.md and the texts: what residents read
    "domain.signals.workflow.REOPEN_WITHIN": timedelta(days=30),
    "domain.signals.workflow.STORY_LIMIT": 3000,
    "domain.signals.workflow.PHOTO_LIMIT": 5,
    "domain.signals.workflow.VOICE_LIMIT_SECONDS": 300,
    "domain.meetings.planning.MOST_PEOPLE": 6,
    "services.people.residents.CONVERSATION_KEPT": timedelta(days=7),
    "services.signals.following.CODE_OPENS_FOR": timedelta(days=7),
    "services.meetings.planning.RSVP_KEPT": timedelta(days=30),
    "services.broadcasts.recipients.KEPT": timedelta(days=30),
    "services.upkeep.retention.SIGNAL_KEPT": timedelta(days=365),
    "services.upkeep.retention.SILENCE": timedelta(days=60),
    "services.upkeep.retention.READING_KEPT": timedelta(days=730),
    "services.upkeep.retention.DEAD_LETTER_KEPT": timedelta(days=7),
    "services.upkeep.retention.UNSAID_KEPT": timedelta(days=7),
    "services.upkeep.retention.MARK_KEPT": timedelta(days=8),
}
TRUST = {  # against guessing, joining and flooding: decisions 9, 17, 18, 20 and 21
    "domain.signals.workflow.REPORTS_AN_HOUR": 5,
    "services.signals.following.GUESSES_AN_HOUR": 10,
    "services.budget.voting.GUESSES_AN_HOUR": 10,
    "domain.staff.rights.WRONG_PER_ACCOUNT": 8,
    "domain.staff.rights.WRONG_UNDER_ATTACK": 2,
    "domain.staff.rights.WRONG_PER_NETWORK": 40,
    "domain.staff.rights.WRONG_UNTIL_ATTACK": 100,
    "domain.staff.rights.WRONG_CODES": 8,
    "domain.staff.rights.SESSION_LASTS": timedelta(hours=8),
    "domain.staff.rights.SESSION_IDLES": timedelta(minutes=30),
    "domain.staff.rights.LINK_LASTS": timedelta(days=1),
    "domain.staff.rights.DEVICE_LASTS": timedelta(days=90),
    "domain.staff.rights.PASSWORD_MINIMUM": 12,
    "domain.staff.rights.PASSWORD_LIMIT": 200,
    "domain.broadcasts.rules.APPROVAL_FROM": 500,
    "domain.broadcasts.rules.TEST_FROM": 50,
    "domain.broadcasts.rules.SMALLEST_SHOWN": 5,
    "domain.broadcasts.rules.AUDIENCES_AN_HOUR": 40,
    "domain.budget.commitments.LEAST": 10,
    "domain.budget.ballot_codes.LENGTH": 14,
    "domain.sealing.KEY_BYTES": 32,
    "domain.sealing.PADDING_STEP": 256,
}
WORKING = {  # what a machine of two cores and 2 GB was measured to bear, and how long Telegram or a disk may be away
    "services.signals.attachments.MOST_ATTEMPTS": 60,
    "services.speaking.delivering.MOST_AMBIGUOUS": 1440,
    "services.speaking.delivering.LEASE": timedelta(seconds=7),
    "services.signals.worklist.PAGE": 25,
    "handlers.console.budget.printing.LETTERS_AT_ONCE": 1000,
    "handlers.api.problems.MOST_MISTAKES": 20,
    "handlers.api.problems.NAME_LIMIT": 100,
    "handlers.console.errors.WORDS_LIMIT": 64 * 1024,
    "domain.broadcasts.rules.TEXT_LIMIT": 1500,
    "bot.web.connections.HEAD_LIMIT": 16 * 1024,
    "bot.web.guard.BODY_LIMIT": 64 * 1024,
    "bot.listening.hook.BODY_LIMIT": 1024 * 1024,
    "bot.jobs.photo.BYTES_LIMIT": 10 * 1024 * 1024,
    "bot.jobs.photo.LONGEST_SIDE": 2048,
    "bot.speaking.flight.IN_FLIGHT": 8,
    "bot.speaking.speaker.MANY_IN_FLIGHT": 4,
    "conversations.meaning.features.LONGEST": 10_000,
    "bot.listening.in_hand.AT_ONCE": 8,
    "bot.process.watchdog.ENDED_AFTER": 30,
    "services.budget.codes.AT_ONCE": 1000,
    "storage.engine.database.POSTGRES_CONNECTIONS": 12,
}
LIMITS = {**TELEGRAM, **PROMISED, **TRUST, **WORKING}
# Numbers that are no limits of the program: names of things, and one of the local Telegram's own.
NO_LIMITS = {
    "bot.commands.words.WRONG",
    "services.outbox.saying.MANY",
    "services.outbox.saying.ANSWER",
    "simulator.people.MESSAGES_KEPT",
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_what_it_should_be(name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert getattr(resolve_name(module), constant) == LIMITS[name]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | timedelta) and not isinstance(value, bool | Enum)


def taken_from_the_program(source: Source) -> Iterator[str]:
    """The numbers that a test takes from the program: imported by name, or looked up in a module."""
    modules: dict[str, ModuleType] = {}
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in ROOMS:
            inside = resolve_name(node.module)
            for alias in node.names:
                value = getattr(inside, alias.name, None)
                if isinstance(value, ModuleType):
                    modules[alias.asname or alias.name] = value
                elif _is_number(value):
                    yield f"{node.module}.{alias.name}"
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            if _is_number(getattr(module, node.attr, None)):
                yield f"{module.__name__}.{node.attr}"


def test_no_test_compares_with_a_limit_of_the_program_that_has_no_right_value_here() -> None:
    tests = [source for source in sources() if source.room == "tests"]
    found = {(source.name, name) for source in tests for name in taken_from_the_program(source)}
    assert {name for _, name in found} >= {
        "bot.listening.hook.BODY_LIMIT",
        "services.signals.attachments.MOST_ATTEMPTS",
    }
    assert {(file, name) for file, name in found if name not in LIMITS | dict.fromkeys(NO_LIMITS)} == set()


def test_a_number_that_a_test_takes_is_seen() -> None:
    text = "from domain.staff.rights import WRONG_CODES\nfrom services.signals import worklist\nassert worklist.PAGE\n"
    assert list(taken_from_the_program(Source("tests/x.py", text))) == [
        "domain.staff.rights.WRONG_CODES", "services.signals.worklist.PAGE",
    ]  # fmt: skip
