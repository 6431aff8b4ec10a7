"""Conversations about meetings."""
