"""All tables in one place, for the migrations and for the tests that look into every row."""

from sqlmodel import SQLModel

from storage import access, areas, ballots, budget, outbox, people, rates, results, signals, staff, updates, vault

MODULES = (access, areas, ballots, budget, outbox, people, rates, results, signals, staff, updates, vault)
metadata = SQLModel.metadata
