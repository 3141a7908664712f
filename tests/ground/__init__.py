"""Tests: ground."""
