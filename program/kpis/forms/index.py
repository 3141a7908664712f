"""The form of the Experience Index: which KPIs, how much each counts, and what is bad and good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as PlainForm

from program.kpis.forms.fields import ExactField
from program.kpis.index import NewPart
from program.planning.forms.fields import NumberField, day, line


class PartForm(PlainForm):
    """One KPI: without a weight it is no part of the index."""

    kpi_id = HiddenField()
    channel = HiddenField()
    weight = ExactField(_l("Weight in percent"))
    floor = ExactField(_l("Counts 0"))
    goal = ExactField(_l("Counts 100"))


class MixForm(FlaskForm):
    """The mix, and from which week on it holds."""

    since = day(_l("From the week of"), _l("Choose a day of the first week."))
    reason = line(_l("Why it changes"), 500, description=_l("Weeks before keep the index they had."))
    carries = NumberField(
        _l("Weeks a missing figure is carried forward"),
        default=2,
        description=_l("An older figure stands in for so long, and the index says that it does."),
    )
    parts = FieldList(FormField(PartForm), max_entries=250)
    seen = HiddenField()

    def chosen(self) -> tuple[list[NewPart], list[int]]:
        """The parts with a weight, and the place in the form of each; an empty end counts as no number."""
        found, places = [], []
        for place, entry in enumerate(self.parts):
            form = entry.form
            raw = form.kpi_id.data or ""
            if not form.weight.data or not raw.isdecimal() or len(raw) > 9:
                continue
            nothing = Decimal("NaN")
            floor, goal = (nothing if end is None else end for end in (form.floor.data, form.goal.data))
            found.append(NewPart(int(raw), form.channel.data or "", form.weight.data, floor, goal))
            places.append(place)
        return found, places

    def take_errors(self, fields: Mapping[str, Any], places: Sequence[int], sentence: Any) -> None:
        """Put the verb's refusals beside their fields; those about the parts together stand on top."""
        for name, reason in fields.items():
            column, _dash, number = name.partition("-")
            field: Any = self[name] if name in self and name != "parts" else None
            if number.isdecimal() and int(number) < len(places):
                field = self.parts[places[int(number)]].form[column]
            if field is None:
                self.form_errors.append(str(reason))
            else:
                field.errors = [*field.errors, str(reason)]
        if not fields and sentence:
            self.form_errors.append(str(sentence))
