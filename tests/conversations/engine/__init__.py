"""Tests of conversations/engine."""
