"""Pages for signals."""
