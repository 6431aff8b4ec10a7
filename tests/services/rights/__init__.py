"""Tests of services/rights."""
