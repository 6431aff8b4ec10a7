"""All tables in one place, for the migrations and for the tests that look into every row."""

from sqlmodel import SQLModel

from storage import (
    access,
    areas,
    ballots,
    broadcasts,
    budget,
    deployment,
    line_cuts,
    meetings,
    outbox,
    pace,
    people,
    phone_messages,
    rates,
    reminders,
    results,
    signals,
    staff,
    team_keys,
    updates,
    vault,
)

MODULES = (
    access, areas, ballots, broadcasts, budget, deployment, line_cuts, meetings, outbox, pace, people, phone_messages,
    rates, reminders, results, signals, staff, team_keys, updates, vault,
)  # fmt: skip
metadata = SQLModel.metadata
