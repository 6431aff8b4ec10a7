"""Tests of domain/broadcasts."""
