"""The rules of invitations to many."""
