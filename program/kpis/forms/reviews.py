"""Forms of the weekly review: when it comes round, what is said in one, what is agreed on."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from program.kpis.forms.fields import Needed
from program.kpis.models import ReviewNote, ReviewPlan
from program.kpis.review_plan import HOURS, MAX_CHANNEL, PlanDraft, cadence_of
from program.kpis.reviews import MAX_SUMMARY, ActionDraft
from program.kpis.words import NOTE_WORDS
from program.planning.forms.fields import DayField, NumberField, choice, line, number_or_none, paragraph, select

WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"))


class PlanForm(FlaskForm):
    """When reviews come round. Its rules stand in `review_plan.py`."""

    revision = HiddenField()
    is_active = BooleanField(_l("Reviews come round"), description=_l("Without it no new review is opened."))
    every = SelectField(
        _l("How often"),
        choices=[
            choice(1, _l("Every week")),
            choice(2, _l("Every second week")),
            choice(4, _l("Every fourth week")),
        ],
    )
    weekday = SelectField(
        _l("Day of the meeting"),
        choices=[choice(number, name) for number, name in enumerate(WEEKDAYS)],
        description=_l("On a public holiday it waits for the next working day."),
    )
    hour = SelectField(_l("Hour"), choices=[choice(hour, f"{hour}:00") for hour in HOURS])
    collect_days = NumberField(
        _l("Owners are asked so many working days before"),
        description=_l("Not before the week is over. Who is silent is reminded once; then the managers are told."),
    )
    chair = select(_l("Who leads it"), description=_l("Holds and closes reviews, as managers do."))
    channel = line(
        _l("Channel it is told in"),
        MAX_CHANNEL,
        description=_l("The plugin's name, a colon and the channel: slack_checkin:C0123456. Left empty, nowhere."),
    )

    def offer(self, members: Any) -> None:
        """Fill the list of those who may lead."""
        self.chair.choices = [choice("", _l("The managers")), *(choice(one.id, one.name) for one in members)]

    def begin(self, plan: ReviewPlan | None) -> None:
        """Show the plan as it is, or the usual one."""
        if plan is None:
            draft = PlanDraft()
        else:
            self.revision.data = str(plan.revision)
            cadence = cadence_of(plan)
            draft = PlanDraft(
                *(cadence.weekday, cadence.at, cadence.every, plan.collect_days, plan.chair_id),
                *(plan.channel, plan.is_active),
            )
        self.is_active.data, self.every.data, self.weekday.data = draft.is_active, str(draft.every), str(draft.weekday)
        self.hour.data, self.collect_days.data = str(draft.at.hour), draft.collect_days
        self.chair.data, self.channel.data = str(draft.chair_id or ""), draft.channel

    def draft(self) -> PlanDraft:
        """What was chosen, as the verb takes it."""
        days = self.collect_days.data
        return PlanDraft(
            weekday=int(self.weekday.data),
            at=time(int(self.hour.data)),
            every=int(self.every.data),
            collect_days=-1 if days is None else days,
            chair_id=number_of(self.chair.data),
            channel=(self.channel.data or "").strip(),
            is_active=bool(self.is_active.data),
        )


class NoteForm(FlaskForm):
    """Something said in a review."""

    revision = HiddenField()
    kind = SelectField(_l("What it is"), choices=[choice(kind, word) for kind, word in NOTE_WORDS.items()])
    kpi = select(_l("About"))
    text = TextAreaField(_l("In words"), [Needed()])

    def offer(self, kpis: Any) -> None:
        """Fill the list of what it can be about: (id, label) of each KPI."""
        self.kpi.choices = [choice("", _l("The week")), *(choice(one, label) for one, label in kpis)]

    def begin(self, note: ReviewNote) -> None:
        """Show the note as it is."""
        self.revision.data, self.kind.data = str(note.revision), note.kind
        self.kpi.data, self.text.data = str(note.kpi_id or ""), note.text

    def values(self) -> tuple[str, str, int | None]:
        """The kind, the words and the KPI."""
        return self.kind.data, self.text.data or "", number_of(self.kpi.data)


class ActionForm(FlaskForm):
    """Something that is to be done."""

    title = StringField(_l("What is to be done"), [Needed()])
    owner = select(_l("Who does it"))
    due_on = DayField(_l("By"), [Needed()])
    kpi = select(_l("About"))

    def offer(self, members: Any, kpis: Any) -> None:
        """Fill the lists: people of the program, and (id, label) of each KPI."""
        self.owner.choices = [choice("", _l("Choose somebody")), *(choice(one.id, one.name) for one in members)]
        self.kpi.choices = [choice("", _l("The week")), *(choice(one, label) for one, label in kpis)]

    def draft(self) -> ActionDraft:
        """The action, as the verb takes it."""
        return ActionDraft(
            self.title.data or "", number_of(self.owner.data), self.due_on.data, number_of(self.kpi.data)
        )


class CloseForm(FlaskForm):
    """What to remember of the review."""

    revision = HiddenField()
    summary = paragraph(
        _l("What to remember"),
        MAX_SUMMARY,
        description=_l("A sentence or two for those who were not there."),
    )


def number_of(text: str | None) -> int | None:
    """An id chosen in a list; what is none is an id that nothing has."""
    if not text:
        return None
    return number_or_none(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
