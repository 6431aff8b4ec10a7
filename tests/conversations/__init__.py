"""Tests of the pure conversations."""
