"""The pseudonyms of residents around a signal, and the places of its sealed parts."""

from __future__ import annotations

from domain.reach import Reach
from domain.sealing import KeyRing, Place


def reporter_tag(keys: KeyRing, reach: Reach) -> bytes:
    """A reporter's pseudonym in the table of signals: another one than in the table of people."""
    return keys.tag("signals", reach.plain)


def opener_tag(keys: KeyRing, reach: Reach) -> bytes:
    """The pseudonym of a resident who opened a signal by its code: another one, or it would tell whose line was cut."""
    return keys.tag("openers", reach.plain)


def asker_tag(keys: KeyRing, reach: Reach) -> bytes:
    """The pseudonym of a resident who asked to cut a line, kept until they are told that it is done."""
    return keys.tag("line-cuts", reach.plain)


def place(signal_id: str, field: str) -> Place:
    """Where a sealed field of a signal stands."""
    return Place("signals", signal_id, field)


def message_place(message_id: str) -> Place:
    """Where the sealed words of a turn stand."""
    return Place("signal_messages", message_id, "words")


def attachment_place(attachment_id: str, state: str) -> Place:
    """Where a sealed file stands: a file_id (`waiting`) can't be taken for a file (`kept`)."""
    return Place("attachments", attachment_id, state)


def code_tag(keys: KeyRing, code: str) -> bytes:
    """The tag by which a signal is found by its code."""
    return keys.tag("codes", code)
