"""Tests of conversations/signals."""
