"""Invitations to many: writing, checking and sending them."""
