"""Pages for invitations to many."""
