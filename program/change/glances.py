"""What the subjects of change management say on the overview: who lacks help, what is late, what is next.

Each is a source of `at_a_glance.py` and costs one statement (rituals cost two). What go-lives, training and coaching
say is in `plan_glances.py`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Date, bindparam, func, select

from program.change import saturation
from program.change.at_a_glance import SHOWN, Asked, Glance, Line, Seen, register
from program.change.coverage import Cover
from program.change.group_lists import GroupRow, all_groups
from program.change.limits import BUILT_IN
from program.change.load import BAD
from program.change.models import Communication, Idea, IdeaStep, RitualMeeting
from program.change.models.ideas import Stage
from program.change.models.rituals import Rhythm, Ritual
from program.change.proofs import newest_proofs
from program.change.ritual_dates import meetings
from program.change.ritual_reading import meeting_columns, ritual_columns
from program.ground import formats
from program.ground.database import read
from program.ground.pages import address

# How far ahead go-lives, meetings and red weeks are looked for.
GO_LIVES_AHEAD, MEETINGS_AHEAD, WEEKS_AHEAD = timedelta(weeks=8), timedelta(days=14), 8


def red_weeks(asked: Asked) -> Seen:
    """Groups with weeks that are too much, in the next eight weeks."""
    picture = saturation.picture_of(asked.program.id, asked.today, WEEKS_AHEAD)
    # The limits come along and spare the others a statement.
    asked.memo["limits"] = picture.limits
    at = address("saturation.show", asked.program.key)
    bad = [
        (group, [week for week in picture.weeks if picture.state(group.id, week) in BAD])
        for group in picture.by_load()
        if picture.bad_weeks(group.id)
    ]
    lines = [
        Line(group.name, f"{at}/{group.id}", ", ".join(formats.week(week) for week in weeks[:3]), "off_track")
        for group, weeks in bad[:SHOWN]
    ]
    wrong = ""
    if bad:
        wrong = ngettext(
            "%(num)s group has a week ahead that is too much.",
            "%(num)s groups have weeks ahead that are too much.",
            len(bad),
        )
    return Seen(lines, len(bad), wrong, str(_l("No week of the next eight is too much.")) if picture.groups else "")


def _near(asked: Asked) -> list[GroupRow]:
    """Groups whose go-live is near or over, the nearest first; read once for the page."""
    found: list[GroupRow] | None = asked.memo.get("near")
    if found is None:
        found = [
            group
            for group in all_groups(asked.program.id)
            if group.go_live_on is not None and group.go_live_on <= asked.today + GO_LIVES_AHEAD
        ]
        found.sort(key=lambda group: (group.go_live_on, -group.size))
        asked.memo["near"] = found
    return found


def uncovered(asked: Asked) -> Seen:
    """Groups that go live within eight weeks, or have gone, without enough ambassadors."""
    limits = asked.memo.get("limits", BUILT_IN)
    at = address("groups.index", asked.program.key)
    near = _near(asked)
    bare = [group for group in near if group.ambassadors == 0]
    thin = [group for group in near if group.ambassador_cover(limits).cover is Cover.THIN]
    lines = [
        Line(group.name, f"{at}/{group.id}", formats.day(group.go_live_on), "off_track" if group in bare else "at_risk")
        for group in (*bare, *thin)[:SHOWN]
    ]
    wrong = ""
    if bare:
        wrong = ngettext(
            "%(num)s group near its go-live has no ambassador.",
            "%(num)s groups near their go-live have no ambassador.",
            len(bare),
        )
    return Seen(
        lines, len(bare) + len(thin), wrong, str(_l("Every group near its go-live has ambassadors.")) if near else ""
    )


def late_messages(asked: Asked) -> Seen:
    """Messages of the communication plan that should have been said, the oldest first."""
    rows = read(_late(), {"program": asked.program.id, "today": asked.today}).all()
    at = address("communication.index", asked.program.key)
    total = rows[0].total if rows else 0
    lines = [Line(row.message, at, formats.day(row.planned_on), "late") for row in rows]
    wrong = ngettext("%(num)s message is late.", "%(num)s messages are late.", total) if rows else ""
    return Seen(lines, total, wrong, str(_l("No message is late.")))


def unanswered_ideas(asked: Asked) -> Seen:
    """Ideas from the front line that nobody has answered, the oldest first."""
    rows = read(_unanswered(), {"program": asked.program.id}).all()
    at = address("ideas.index", asked.program.key)
    total = rows[0].total if rows else 0
    lines = [Line(row.title, f"{at}/{row.number}", formats.day(row.created_at.date()), "soon") for row in rows]
    wrong = ngettext("%(num)s idea waits for an answer.", "%(num)s ideas wait for an answer.", total) if rows else ""
    return Seen(lines, total, wrong, str(_l("Every idea has an answer.")))


def next_meetings(asked: Asked) -> Seen:
    """The meetings of the next two weeks, but for those that follow phases. Two statements."""
    rows = read(_rituals(), {"program": asked.program.id}).all()
    if not rows:
        return Seen()
    known = read(_known(), {"rituals": [row.id for row in rows]}).all()
    around: dict[str, Any] = {"timezone": asked.program.timezone, "calendar": asked.program.calendar}
    found = [
        one
        for one in meetings(rows, known, asked.today, asked.today + MEETINGS_AHEAD, **around)
        if not one.is_cancelled and one.ends_at > asked.now
    ]
    at = address("rituals.index", asked.program.key)
    lines = [Line(one.ritual.title, f"{at}/{one.ritual.id}", formats.moment(one.starts_at)) for one in found[:SHOWN]]
    return Seen(lines, len(found), "", str(_l("No meeting within two weeks.")))


def latest_successes(asked: Asked) -> Seen:
    """The pinned and the newest successes."""
    rows = newest_proofs(asked.program.id)
    at = address("proofs.index", asked.program.key)
    lines = [
        Line(row.title, f"{at}#proof-{row.id}", row.figure or formats.day(row.happened_on)) for row in rows[:SHOWN]
    ]
    return Seen(lines, len(rows), "", str(_l("No success told yet: the first quick win belongs here.")))


@cache
def _late() -> Any:
    return (
        select(Communication.message, Communication.planned_on, func.count().over().label("total"))
        .where(
            Communication.program_id == bindparam("program"),
            Communication.done_on.is_(None),
            Communication.planned_on < bindparam("today", type_=Date()),
        )
        .order_by(Communication.planned_on, Communication.id)
        .limit(SHOWN)
    )


@cache
def _unanswered() -> Any:
    answered = select(IdeaStep.id).where(IdeaStep.idea_id == Idea.id).correlate(Idea).exists()
    return (
        select(Idea.number, Idea.title, Idea.created_at, func.count().over().label("total"))
        .where(Idea.program_id == bindparam("program"), Idea.stage == Stage.HEARD.value, ~answered)
        .order_by(Idea.created_at, Idea.id)
        .limit(SHOWN)
    )


@cache
def _rituals() -> Any:
    return (
        select(*ritual_columns())
        .where(Ritual.program_id == bindparam("program"), Ritual.rhythm != Rhythm.AFTER_PHASE.value)
        .order_by(Ritual.id)
    )


@cache
def _known() -> Any:
    return select(*meeting_columns()).where(RitualMeeting.ritual_id.in_(bindparam("rituals", expanding=True)))


# The weeks come first: they bring the limits along.
register("saturation", Glance(10, _l("Saturation"), "saturation.show", red_weeks))
register("groups", Glance(30, _l("Ambassadors"), "groups.index", uncovered))
register("communication", Glance(40, _l("Communication"), "communication.index", late_messages))
register("ideas", Glance(50, _l("Ideas"), "ideas.index", unanswered_ideas))
register("rituals", Glance(60, _l("Rituals"), "rituals.index", next_meetings))
register("proofs", Glance(70, _l("Successes"), "proofs.index", latest_successes))
