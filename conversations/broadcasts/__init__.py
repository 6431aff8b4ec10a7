"""Conversations about news."""
