"""Fault tests: kills, lost answers, broken databases; the invariants checked from outside."""
