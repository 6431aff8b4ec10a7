"""The six kinds of refusal. Each subject's own refusals are of one of them; every way in answers by kind."""

from __future__ import annotations

from datetime import datetime


class Refusal(Exception):
    """What was asked is not done, and nothing was kept. Never raised itself: a refusal is of one of the six kinds."""


class NotThere(Refusal, LookupError):
    """It does not exist, or not for who asks: both look alike."""


class Changed(Refusal):
    """Somebody else was first, or something else is there than was seen: look again before you go on."""


class NotAllowed(Refusal):
    """It is not within the rights of who asks. Says nothing about whether the thing exists.

    Attributes:
        scope: the right that is missing, one of domain.staff.rights.Scope; "" where it is something else.
    """

    def __init__(self, scope: str = "") -> None:
        """Take the right that is missing."""
        super().__init__(str(scope))
        self.scope = scope


class Invalid(Refusal, ValueError):
    """What was given can't be right."""


class TooMany(Refusal):
    """Too often in too short a time.

    Attributes:
        until: when it is possible again (aware UTC).
    """

    def __init__(self, until: datetime) -> None:
        """Take the moment from which it is possible again."""
        super().__init__("too many")
        self.until = until


class NotNow(Refusal):
    """From where things stand it can't be done."""


KINDS = (NotThere, Changed, NotAllowed, Invalid, TooMany, NotNow)
