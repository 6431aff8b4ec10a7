"""A staff member's web page."""
