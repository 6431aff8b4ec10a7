"""Members of staff: accounts, signing in, and what they have looked at."""
