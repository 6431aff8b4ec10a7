"""The HTTP API: requests of programs, answered in JSON."""
