"""Tests of pages for signals."""
