"""All tables in one place, for the migrations and for the tests that look into every row."""

from sqlmodel import SQLModel

from storage.broadcasts import census, invitations
from storage.budget import ballots, results, rounds
from storage.engine import vault
from storage.meetings import attendance, reminders
from storage.outbox import pace, queue
from storage.people import phone_messages, rates, residents, updates
from storage.signals import areas, cases, line_cuts
from storage.staff import access, accounts
from storage.upkeep import deployment, team_keys

MODULES = (
    access,
    accounts,
    areas,
    attendance,
    ballots,
    cases,
    census,
    deployment,
    invitations,
    line_cuts,
    pace,
    phone_messages,
    queue,
    rates,
    reminders,
    residents,
    results,
    rounds,
    team_keys,
    updates,
    vault,
)
metadata = SQLModel.metadata
