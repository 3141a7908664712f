"""Tests of Milepost, one folder per room."""
