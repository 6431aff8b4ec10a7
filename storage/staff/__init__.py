"""Tables of members of staff and of the access log."""
