"""Tests of services/speaking."""
