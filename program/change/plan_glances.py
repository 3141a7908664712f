"""What go-lives, training, job aids and coaching say on the overview of change management. One statement each."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.change import coaching, go_lives, training_coverage
from program.change.at_a_glance import SHOWN, Asked, Glance, Line, Seen, register
from program.ground import formats
from program.ground.pages import address

# How far ahead a go-live is worth a line.
GO_LIVES_AHEAD = timedelta(weeks=12)
# Before that nobody expects a group to be trained.
TRAINING_AHEAD = timedelta(weeks=4)


def go_lives_near(asked: Asked) -> Seen:
    """The go-lives of the next twelve weeks, those with late tasks first."""
    rows = go_lives.go_lives_of(asked.program.id, asked.today)
    at = address("change_plan.show", asked.program.key)
    late = [row for row in rows if row.late]
    near = [row for row in rows if not row.late and asked.today <= row.on_date <= asked.today + GO_LIVES_AHEAD]
    lines = [
        Line(row.name, f"{at}/{row.id}", formats.day(row.on_date), "late" if row.late else "")
        for row in (*late, *near)[:SHOWN]
    ]
    tasks = sum(row.late for row in late)
    wrong = ngettext("%(num)s task around a go-live is late.", "%(num)s tasks around go-lives are late.", tasks)
    good = _("No go-live within twelve weeks.") if rows else _("No go-live is planned yet.")
    return Seen(lines, len(late) + len(near), wrong if tasks else "", good)


def short_of_training(asked: Asked) -> Seen:
    """The groups near their go-live, or past it, that are furthest from their training target."""
    near = asked.today + TRAINING_AHEAD
    groups = [
        group
        for group in training_coverage.coverage(asked.program.id)
        if group.go_live_on is not None and group.go_live_on <= near
    ]
    short = [group for group in groups if group.missing]
    at = address("training.coverage", asked.program.key)
    lines = [
        Line(group.name, at, _("%(trained)s of %(size)s", trained=group.trained, size=group.size), group.state)
        for group in short[:SHOWN]
    ]
    wrong = ""
    if short:
        wrong = ngettext(
            "%(num)s group near its go-live is short of its training target.",
            "%(num)s groups near their go-live are short of their training target.",
            len(short),
        )
    return Seen(
        lines, len(short), wrong, _("Every group near its go-live meets its training target.") if groups else ""
    )


def coaching_late(asked: Asked) -> Seen:
    """Coachings that the reader may see and whose next meeting is over."""
    rows = coaching.entries(asked.actor, asked.program.id)
    at = address("coaching.index", asked.program.key)
    late = [row for row in rows if row.is_late(asked.today)]
    lines = [Line(row.person, f"{at}/{row.id}", formats.day(row.next_on), "late") for row in late[:SHOWN]]
    return Seen(lines, len(late), "", _("Every coaching has its next meeting.") if rows else "")


register("change_plan", Glance(15, _l("Go-lives"), "change_plan.show", go_lives_near))
register("training", Glance(20, _l("Training"), "training.index", short_of_training))
register("coaching", Glance(45, _l("Coaching"), "coaching.index", coaching_late))
