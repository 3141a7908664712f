"""Tests: change."""
