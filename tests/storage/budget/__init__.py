"""Tests of storage/budget."""
