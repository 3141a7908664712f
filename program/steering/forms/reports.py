"""Forms of status reports: the text, and when it is drafted."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.widgets import HiddenInput

from program.kpis.forms.reviews import Needed
from program.planning.forms.fields import NumberField, choice, select
from program.steering.forms.meetings import WEEKDAYS
from program.steering.models import SteeringPlan
from program.steering.reports import HOURS


class TextForm(FlaskForm):
    """The report in one language."""

    text = TextAreaField(_l("Report"), [Needed()], description=_l("Markdown: # for a heading, - for a point."))
    revision = NumberField(widget=HiddenInput())


class TimesForm(FlaskForm):
    """When the report is drafted."""

    weekday = select(_l("Drafted on"), description=_l("On the working day before, where that one is a holiday."))
    hour = select(_l("From this hour on"))
    revision = NumberField(widget=HiddenInput())

    def offer(self) -> None:
        """Fill the lists."""
        self.weekday.choices = [
            choice("", _l("No report by itself")),
            *(choice(number, word) for number, word in enumerate(WEEKDAYS)),
        ]
        self.hour.choices = [choice(hour, f"{hour}:00") for hour in HOURS]

    def begin(self, plan: SteeringPlan) -> None:
        """Show how it is."""
        weekday, revision = plan.report_weekday, _revision(plan)
        self.weekday.data = "" if weekday is None else str(weekday)
        self.hour.data, self.revision.data = str(plan.report_hour or 14), revision

    def values(self) -> tuple[int | None, int | None]:
        """The weekday and the hour; -1 for what is in no list."""
        return _number(self.weekday.data), _number(self.hour.data)


def _number(raw: str | None) -> int | None:
    if not raw:
        return None
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 2 else -1


def _revision(plan: Any) -> int:
    return int(plan.revision)
