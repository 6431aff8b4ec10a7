"""Tests of services/budget."""
