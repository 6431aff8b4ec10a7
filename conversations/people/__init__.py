"""Conversations around all subjects: language, warning, menu, settings, and where something is."""
