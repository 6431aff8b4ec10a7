"""Tables of what is still to be said, and how fast."""
