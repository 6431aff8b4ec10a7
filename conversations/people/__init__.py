"""Conversations that belong to no one subject: language, warning, menu, settings, and where something is."""
