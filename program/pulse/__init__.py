"""The pulse room: a few questions a week, answered in half a minute, told so that nobody can be singled out.

`models` says what is remembered and what is not; `rounds`, `answering` and `closing` are the life of one round;
`holding_back`, `rotation` and `movement` are its rules, as pure functions. Team, change and pulse are neighbours: whom
to ask, the pulse learns from `planning/audiences.py`.
"""

from program.pulse.views.wiring import init_app

__all__ = ["init_app"]
