"""Tests of conversations/budget."""
