"""Tests of pages for invitations to many."""
