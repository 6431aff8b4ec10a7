"""Meetings: planning them, coming to them, being reminded of them."""
