"""Why a message stands where it stands, and what its states are called, in words for people."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from program.outbox.models import State

STATE_WORDS: dict[str, Any] = {
    State.WAITING: _l("Waiting"),
    State.IN_FLIGHT: _l("Being handed over"),
    State.SENT: _l("Sent"),
    State.UNCERTAIN: _l("Uncertain"),
    State.FAILED: _l("Failed"),
    State.CANCELLED: _l("Taken back"),
    State.SUPERSEDED: _l("Replaced"),
    State.EXPIRED: _l("Expired"),
}
# How states look: the marks of the states that mean about the same (macros/states.html).
STATE_MARKS: dict[str, str] = {
    State.WAITING: "todo",
    State.IN_FLIGHT: "doing",
    State.SENT: "done",
    State.UNCERTAIN: "at_risk",
    State.FAILED: "off_track",
    State.CANCELLED: "dropped",
    State.SUPERSEDED: "dropped",
    State.EXPIRED: "dropped",
}
WHY: dict[str, Any] = {
    "quiet": _l("Waits for the person's working hours."),
    "morning": _l("Waits for the person's next morning message."),
    "budget": _l("Waits for the next week: the person's budget of messages is spent."),
    "page": _l("The person wants to read this on the page of messages only."),
    "read": _l("The person had read it on the page of messages before its turn came."),
    "old": _l("Its turn did not come for two weeks; it stands on the page of messages."),
    "no_way": _l("No other way leads to the person, so it stands on the page of messages."),
    "too_late": _l("It was no longer needed when its turn came."),
    "account_closed": _l("The person's account is closed."),
    "left_program": _l("The person is not in the program any more."),
    "closed": _l("What it was about is settled."),
    "newer": _l("A newer message about the same took its place."),
    "retry": _l("It did not work; it is tried again."),
    "busy": _l("The other side asked to be left alone for a while."),
    "turn": _l("It waits for its turn: the other side takes so many messages a minute and no more."),
    "settings": _l("It waits for the settings to be put right."),
    "other_way": _l("One way could not take it; the next one is tried."),
    "given_up": _l("No way could take it."),
    "too_many": _l("It was tried too often."),
    "no_answer": _l("It was handed over and no answer came; the other side will be asked."),
    "clock_died": _l("The process that handed it over ended; the other side will be asked."),
    "cannot_tell": _l("It was handed over and no answer came; the other side cannot tell whether it arrived."),
    "not_arrived": _l("It had not arrived, so it goes again."),
    "by_hand": _l("Somebody decided so on the page of outgoing messages."),
}
