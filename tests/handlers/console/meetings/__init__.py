"""Tests of pages for meetings."""
