"""Tests of the Telegram handlers, on the real services and both databases."""
