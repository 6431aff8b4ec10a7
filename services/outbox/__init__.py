"""Saying something to a resident: a sealed row in the outbox."""
