"""Conversations about the neighbourhood budget."""
