"""Delivering what is in the outbox, and what became of it."""
