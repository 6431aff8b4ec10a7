"""Tests of services/broadcasts."""
