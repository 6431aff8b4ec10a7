"""The open unit of work, as the floors above see it: handlers pass it on, only services look inside."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from storage.engine.away import DatabaseAway, Held
from storage.engine.unit_of_work import UnitOfWork as Work

# Opens a unit of work.
Begin = Callable[[], AbstractAsyncContextManager[Work]]

__all__ = ["Begin", "DatabaseAway", "Held", "Work"]
