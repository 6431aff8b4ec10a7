"""Tests of pages for staff themselves."""
