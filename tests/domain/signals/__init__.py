"""Tests of domain/signals."""
