"""Tests: playbooks."""
