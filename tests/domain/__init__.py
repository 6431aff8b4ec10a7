"""Tests of domain, the rules."""
