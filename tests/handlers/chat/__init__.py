"""Tests of handlers/chat, with Telegram as the door."""
