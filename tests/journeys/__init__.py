"""Journeys: whole streets through the real program, Given / When / Then."""
