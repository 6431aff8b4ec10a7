"""The rules of what staff may see and do."""
