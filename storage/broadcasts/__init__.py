"""Tables of invitations to many."""
