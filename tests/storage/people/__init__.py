"""Tests of storage/people."""
