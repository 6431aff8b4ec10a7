"""Tables of residents and of what they send."""
