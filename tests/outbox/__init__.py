"""Tests: messages to people."""
