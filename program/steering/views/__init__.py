"""Pages of the steering room: one module and one blueprint per subject, wired in `wiring.py`."""
