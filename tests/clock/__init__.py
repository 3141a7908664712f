"""Tests: the clock."""
