"""The six kinds of refusal. Each subject's own refusals are subclasses of one; every way in answers by kind."""

from __future__ import annotations

from datetime import datetime


class Refusal(Exception):
    """What was asked is not done, and nothing was kept. Only its six kinds below are raised."""


class NotThere(Refusal, LookupError):
    """The thing does not exist, or the asker must not learn that it does: both look alike."""


class Changed(Refusal):
    """Somebody else was first, or the thing is no longer as the asker saw it: look again before you go on."""


class NotAllowed(Refusal):
    """The asker has not the right to do it. Says nothing about whether the thing exists.

    Attributes:
        scope: the right that is missing, one of domain.staff.rights.Scope; "" where it is something else.
    """

    def __init__(self, scope: str = "") -> None:
        """Take the right that is missing."""
        super().__init__(str(scope))
        self.scope = scope


class Invalid(Refusal, ValueError):
    """A value that was given can't be right."""


class TooMany(Refusal):
    """The asker did it too often in too short a time.

    Attributes:
        until: when it is possible again (aware UTC).
    """

    def __init__(self, until: datetime) -> None:
        """Take the moment from which it is possible again."""
        super().__init__("too many")
        self.until = until


class NotNow(Refusal):
    """It can't be done in the present state of the thing."""


KINDS = (NotThere, Changed, NotAllowed, Invalid, TooMany, NotNow)
