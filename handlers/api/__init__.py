"""An HTTP request, answered in JSON."""
