"""`milepost demo`: believable programs to look around in, told as stories and replayed through the real verbs.

Neighbours: `stories/*.yaml` (who does what in which week, in both languages), `story.py` (reading them), `almanac.py`
(a story's weeks on today's calendar), `player.py` and `acts.py` (doing it), `loading.py` (all of it, once),
`removal.py` (taking it back), `command.py` (the command).
"""

from program.cli.demo.command import demo

__all__ = ["demo"]
