"""The open unit of work, as the floors above see it: handlers pass it on, only services look inside."""

from storage.unit_of_work import DatabaseAway, Held
from storage.unit_of_work import UnitOfWork as Work

__all__ = ["DatabaseAway", "Held", "Work"]
