"""Tests of the pulse room."""
