"""All tables in one place, for the migrations and for the tests that look into every row."""

from sqlmodel import SQLModel

from storage import (
    access,
    areas,
    broadcasts,
    meetings,
    outbox,
    people,
    rates,
    reminders,
    signals,
    staff,
    updates,
    vault,
)

MODULES = (access, areas, broadcasts, meetings, outbox, people, rates, reminders, signals, staff, updates, vault)
metadata = SQLModel.metadata
