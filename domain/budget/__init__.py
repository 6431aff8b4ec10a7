"""The rules of the neighbourhood budget."""
