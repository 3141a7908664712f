"""The steering room: what a committee sees, weighs and decides.

Risks and what is done about them, decisions with their options and votes, the committee and its meetings, budget, the
program's state and its progress page, day by day. It reads every room below it. `models/` says what is remembered, by
subject; pages stand in `views/`, wired in `views/wiring.py`.
"""

from program.steering.views.wiring import init_app

__all__ = ["init_app"]
