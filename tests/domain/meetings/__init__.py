"""Tests of domain/meetings."""
