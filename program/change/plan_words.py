"""The words people read around a go-live: stages, media, sessions, seats, job aids, coaching; and in the trail."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from program.change.models.plan import CoachingState, Medium
from program.change.models.training import AidKind, Audience, SeatState, SessionState
from program.change.plan_steps import PlanStage
from program.planning.history_words import COLUMN_WORDS, TITLES, VALUE_WORDS

STAGE_WORDS: dict[str, Any] = {
    PlanStage.PREPARATION.value: _l("Preparation"),
    PlanStage.TRAINING.value: _l("Training"),
    PlanStage.SUPPORT.value: _l("Support"),
}
MONTH_WORDS: dict[str, Any] = {
    PlanStage.PREPARATION.value: _l("month −1"),
    PlanStage.TRAINING.value: _l("months 1–2"),
    PlanStage.SUPPORT.value: _l("months 2–3"),
}
HOW_MONTHS_COUNT = _l(
    "Month 1 begins with the go-live day; month −1 is the month before it. Days that are no working days give way: "
    "beginnings to the next working day, ends to the one before."
)
MEDIUM_WORDS: dict[str, Any] = {
    Medium.MEETING.value: _l("Meeting"),
    Medium.EMAIL.value: _l("E-mail"),
    Medium.INTRANET.value: _l("Intranet"),
    Medium.CHAT.value: _l("Chat"),
    Medium.VIDEO.value: _l("Video"),
    Medium.PRINT.value: _l("Print"),
}
AUDIENCE_WORDS: dict[str, Any] = {
    Audience.AGENTS.value: _l("Everybody in the groups"),
    Audience.SUPER_USERS.value: _l("Super-users"),
}
SESSION_WORDS: dict[str, Any] = {
    SessionState.PLANNED.value: lazy_pgettext("training", "Planned"),
    SessionState.HELD.value: _l("Held"),
    SessionState.CANCELLED.value: _l("Cancelled"),
}
SEAT_WORDS: dict[str, Any] = {
    SeatState.INVITED.value: _l("No answer yet"),
    SeatState.ACCEPTED.value: _l("Comes"),
    SeatState.WAITING.value: _l("On the waiting list"),
    SeatState.DECLINED.value: _l("Cannot come"),
    SeatState.ATTENDED.value: _l("Was there"),
    SeatState.MISSED.value: _l("Missed it"),
}
AID_WORDS: dict[str, Any] = {
    AidKind.JOB_AID.value: _l("Job aid"),
    AidKind.PROCEDURE.value: _l("Procedure"),
    AidKind.FAQ.value: _l("FAQ"),
    AidKind.VIDEO.value: _l("Video"),
    AidKind.HELPDESK.value: _l("Helpdesk"),
}
COACHING_WORDS: dict[str, Any] = {
    CoachingState.WANTED.value: _l("Wanted"),
    CoachingState.RUNNING.value: _l("Running"),
    CoachingState.DONE.value: _l("Done"),
    CoachingState.STOPPED.value: _l("Stopped"),
}

TITLES.update(
    {
        "go_live.created": _l("Go-live “%(name)s” added"),
        "go_live.changed": _l("Go-live “%(name)s” changed"),
        "go_live.moved": _l("Go-live “%(name)s” moved"),
        "go_live.removed": _l("Go-live “%(name)s” removed"),
        "go_live.undone": _l("Change of the go-live “%(name)s” taken back"),
        "communication.created": _l("Message “%(name)s” planned"),
        "communication.changed": _l("Message “%(name)s” changed"),
        "communication.moved": _l("Message “%(name)s” moved"),
        "communication.removed": _l("Message “%(name)s” removed"),
        "communication.undone": _l("Change of the message “%(name)s” taken back"),
        "training.created": _l("Training session “%(name)s” planned"),
        "training.changed": _l("Training session “%(name)s” changed"),
        "training.moved": _l("Training session “%(name)s” moved"),
        "training.cancelled": _l("Training session “%(name)s” cancelled"),
        "training.invited": _l("People invited to the training session “%(name)s”"),
        "training.held": _l("Attendance of the training session “%(name)s” written down"),
        "aid.created": _l("Job aid “%(name)s” added"),
        "aid.changed": _l("Job aid “%(name)s” changed"),
        "aid.removed": _l("Job aid “%(name)s” removed"),
        "aid.undone": _l("Change of the job aid “%(name)s” taken back"),
        # Who is coached, and in what, is no business of the trail's readers.
        "coaching.created": _l("A coaching was added"),
        "coaching.changed": _l("A coaching was changed"),
    }
)
COLUMN_WORDS.update(
    {
        "on_date": _l("Day"),
        "go_live": _l("Go-live"),
        "communication.message": _l("Message"),
        "communication.planned_on": _l("Day"),
        "audience": _l("Audience"),
        "medium": _l("Medium"),
        "done_on": _l("Done on"),
        "sender_id": _l("Sender"),
        "training.starts_at": _l("Beginning"),
        "training.ends_at": _l("End"),
        "place": _l("Place"),
        "capacity": _l("Seats"),
        "invited": _l("Invited"),
        "review_on": _l("Look again on"),
    }
)
VALUE_WORDS["medium"] = MEDIUM_WORDS
