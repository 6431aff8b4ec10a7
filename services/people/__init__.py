"""Residents themselves: arriving, their language, the conversation they are in."""
