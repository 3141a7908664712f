"""Pages of the team room: one module and one blueprint per subject, wired in `wiring.py`."""
