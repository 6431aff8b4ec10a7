"""Residents with themselves: arriving, their language, the conversation they are in."""
