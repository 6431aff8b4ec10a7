"""Tests of domain/budget."""
