"""A plugin whose module cannot be imported."""

raise ImportError("No module named 'their_sdk'")
