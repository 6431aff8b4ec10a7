"""Pages for the neighbourhood budget, the public ones included, and the letters with codes."""
