"""Tests of pages for the budget."""
