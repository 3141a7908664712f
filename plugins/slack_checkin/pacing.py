"""Keeping to Slack's limits: so many messages a minute, one a second to each conversation, a tier for each method.

How many messages go out in a minute the core sees to, over all clocks (`MESSAGES_A_MINUTE`, an attribute of the
plugin); the tiers of other methods are queues of the core as well. Only the second between two messages to one
conversation is kept here, in this process: two clocks rarely write to the same person in the same second, and if they
do, Slack says so, and the message goes again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from datetime import timedelta

from flask_babel import gettext as _

from plugins.slack_checkin.client import METHODS
from plugins.slack_checkin.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Retry

# 'Several hundred' for a workspace, says Slack, and promises no figure.
MESSAGES_A_MINUTE = 300
APART = 1.05
# Conversations that are remembered: more than can be written to within a second.
MOST_REMEMBERED = 200
# What a delivery waits for a turn before it lets others go first.
PATIENCE = timedelta(seconds=3)


class Spacing:
    """When each conversation may be written to again."""

    def __init__(self) -> None:
        self._free_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, place: str, now: float) -> float:
        """Take the conversation's next second; how many seconds to wait for it."""
        with self._lock:
            turn = max(self._free_at.pop(place, now), now)
            self._free_at[place] = turn + APART
            while len(self._free_at) > MOST_REMEMBERED:
                self._free_at.popitem(last=False)
            return turn - now


_spacing = Spacing()


def wait_for_place(place: str) -> None:
    """Wait until that conversation takes another message."""
    time.sleep(_spacing.take(place, time.monotonic()))


def wait_for(method: str, patience: timedelta = PATIENCE) -> None:
    """Wait for a turn to call that method. Raises Retry where others come first for longer than `patience`."""
    a_minute = METHODS[method].a_minute
    if not a_minute:
        return
    turn = core.take_turn(PLUGIN, method, a_minute, patience)
    if turn is None:
        # Without a time: that would keep those back as well who need not be asked about.
        raise Retry(_("Slack takes only so many questions a minute; the message waits for its turn."))
    time.sleep(turn.total_seconds())
