"""Journeys ("streets"): end-to-end stories through the real program, as Given / When / Then."""
