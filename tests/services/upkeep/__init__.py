"""Tests of services/upkeep."""
