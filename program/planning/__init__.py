"""Planning: programs, phases, gates, work items, their dates, dependencies and history."""

# Pages are wired in `views/wiring.py`: imported here, they would hide verbs of the same name.
from program.planning.views.wiring import init_app

__all__ = ["init_app"]
