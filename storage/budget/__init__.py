"""Tables of the neighbourhood budget."""
