"""Signals: reporting, following, answering, cutting the line."""
