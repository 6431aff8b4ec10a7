"""Tests of conversations/broadcasts."""
