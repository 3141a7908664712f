"""The change room: who is touched by the change, and everything that helps them take it up.

Groups and impacts, the change plan around each go-live, training, communication, ambassadors, coaching, ideas from the
front line, quick wins and stories, rituals, saturation and adoption (the handbook, section 5). `models/` says what is
remembered, by subject; pages stand in `views/`, wired in `views/wiring.py`. The team room is a neighbour: neither
imports the other.
"""

from program.change.views.wiring import init_app

__all__ = ["init_app"]
