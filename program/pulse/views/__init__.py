"""Pages of the pulse: one module and one blueprint per subject, wired in `wiring.py`."""
