"""Pages for members of staff themselves."""
