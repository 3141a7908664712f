"""The team room: roles and who plays them, how much of their time, who answers for what, and what people can do.

`models` says what is remembered; verbs stand in modules named for what they do; pages stand in `views/`, wired in
`views/wiring.py`. The change room is a neighbour: neither imports the other.
"""

from program.team.views.wiring import init_app

__all__ = ["init_app"]
