"""The forms of baselines: taking one, and choosing the two moments to compare."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form

from program.planning.baselines import MAX_NAME
from program.planning.forms.fields import DayField, line, select

NOW, DAY = "now", "day"


class TakeBaselineForm(FlaskForm):
    """A name for the plan as it stands."""

    name = line(
        _l("Name"),
        MAX_NAME,
        _l("Give the baseline a name."),
        description=_l("Say which plan it is: “Plan at the start”, “After the budget round”."),
    )


class CompareForm(Form):
    """Two moments: each a baseline by its id, the present, or the end of a day."""

    before = select(_l("From"))
    before_day = DayField(_l("Day"))
    after = select(_l("To"))
    after_day = DayField(_l("Day"))

    def refuse_days(self, first_day: date, today: date) -> bool:
        """Mark days that lie outside the program's life; True when there was one."""
        for chosen, field in ((self.before, self.before_day), (self.after, self.after_day)):
            if chosen.data != DAY or field.errors:
                continue
            errors: list[Any] = []
            if field.data is None:
                errors.append(_l("Choose the day."))
            elif field.data > today:
                errors.append(_l("That day is still ahead."))
            elif field.data < first_day:
                errors.append(_l("The program was not here yet on that day."))
            if errors:
                field.errors = errors
        return bool(self.before_day.errors or self.after_day.errors)
