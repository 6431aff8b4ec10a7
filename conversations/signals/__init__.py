"""Conversations about signals."""
