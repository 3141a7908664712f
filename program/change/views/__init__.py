"""Pages of the change room: one module and one blueprint per subject, wired in `wiring.py`."""
