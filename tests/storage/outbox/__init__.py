"""Tests of storage/outbox."""
