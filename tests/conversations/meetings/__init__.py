"""Tests of conversations/meetings."""
