"""Tests of services/people."""
