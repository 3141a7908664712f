"""The words of rituals: kinds, rhythms, what the trail says, and the messages about single meetings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.change.models.rituals import MeetingState, Rhythm, RitualKind
from program.ground import formats
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.planning.history_words import COLUMN_WORDS, TITLES

KIND_WORDS: dict[str, Any] = {
    RitualKind.WEEKLY_REVIEW.value: _l("Weekly review"),
    RitualKind.LUNCH_AND_LEARN.value: _l("Lunch-and-learn"),
    RitualKind.WORKSHOP.value: _l("Quarterly workshop"),
    RitualKind.RETROSPECTIVE.value: _l("Retrospective"),
    RitualKind.SHADOWING.value: _l("Shadowing"),
    RitualKind.OTHER.value: _l("Another one"),
}
RHYTHM_WORDS: dict[str, Any] = {
    Rhythm.WEEKLY.value: _l("Weekly"),
    Rhythm.MONTHLY.value: _l("Monthly"),
    Rhythm.QUARTERLY.value: _l("Quarterly"),
    Rhythm.AFTER_PHASE.value: _l("After each phase"),
    Rhythm.ONCE.value: _l("Once"),
}
MEETING_WORDS: dict[str, Any] = {
    "": _l("Ahead"),
    MeetingState.HELD.value: _l("Held"),
    MeetingState.MOVED.value: _l("Moved"),
    MeetingState.CANCELLED.value: _l("Cancelled"),
}
MEETING_MARKS = {"": "next", "held": "done", "moved": "at_risk", "cancelled": "dropped"}
TITLES.update(
    {
        "ritual.created": _l("Ritual “%(name)s” added"),
        "ritual.changed": _l("Ritual “%(name)s” changed"),
        "ritual.removed": _l("Ritual “%(name)s” removed"),
        "ritual.invited": _l("Who comes to “%(name)s” changed"),
        "ritual.meeting_moved": _l("A meeting of “%(name)s” moved"),
        "ritual.meeting_cancelled": _l("A meeting of “%(name)s” cancelled"),
        "ritual.meeting_restored": _l("A meeting of “%(name)s” takes place after all"),
        "ritual.meeting_held": _l("A meeting of “%(name)s” was held"),
    }
)
COLUMN_WORDS.update(
    {
        "rhythm": _l("Rhythm"),
        "ritual.every": _l("Every so many"),
        "first_on": _l("First day"),
        "last_on": _l("Last day"),
        "starts_at_minute": _l("Minutes after midnight"),
        "ritual.minutes": _l("Minutes"),
        "place": _l("Place"),
        "agenda": _l("Agenda"),
        "organiser_id": _l("Organiser"),
        "moved_to": _l("New day"),
        "ritual.planned_on": _l("Planned day"),
    }
)


def rhythm_of(ritual: Any) -> str:
    """How often a ritual comes round: 'Every 2 weeks', 'Every month', 'After each phase'."""
    every = ritual.every
    if ritual.rhythm == Rhythm.WEEKLY:
        return _("Every week") if every == 1 else ngettext("Every %(num)s week", "Every %(num)s weeks", every)
    if ritual.rhythm == Rhythm.MONTHLY:
        return _("Every month") if every == 1 else ngettext("Every %(num)s month", "Every %(num)s months", every)
    if ritual.rhythm == Rhythm.QUARTERLY:
        return _("Every quarter") if every == 1 else ngettext("Every %(num)s quarter", "Every %(num)s quarters", every)
    return str(RHYTHM_WORDS[ritual.rhythm])


def _day(data: Mapping[str, Any], name: str) -> str:
    try:
        return formats.dated(date.fromisoformat(str(data.get(name, ""))))
    except ValueError:
        return "—"


def _moved(data: Mapping[str, Any]) -> Words:
    return Words(
        _(
            "“%(title)s” moves from %(before)s to %(after)s",
            title=data.get("title", ""),
            before=_day(data, "from"),
            after=_day(data, "to"),
        ),
        action=_("See the meeting"),
    )


def _cancelled(data: Mapping[str, Any]) -> Words:
    return Words(
        _("“%(title)s” on %(day)s is cancelled", title=data.get("title", ""), day=_day(data, "from")),
        action=_("See the meeting"),
    )


MEETING_MOVED = register(
    MessageKind("change.meeting_moved", _l("A meeting was moved"), Pace.DIRECT, _moved, icon="calendar-event")
)
MEETING_CANCELLED = register(
    MessageKind(
        "change.meeting_cancelled", _l("A meeting was cancelled"), Pace.DIRECT, _cancelled, icon="calendar-event"
    )
)
