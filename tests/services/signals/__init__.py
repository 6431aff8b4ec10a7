"""Tests of services/signals."""
