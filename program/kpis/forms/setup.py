"""Forms for defining KPIs: a KPI itself, its baseline, its targets, channels, and closing periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from program.kpis.channels import MAX_NAME
from program.kpis.definitions import LENGTHS, MAX_TEXT
from program.kpis.forms.fields import ExactField
from program.kpis.models import Kpi
from program.kpis.words import BETTER_WORDS, EVERY_WORDS, OVERALL_WORDS, TARGET_WORDS, UNIT_WORDS
from program.planning.forms.fields import NumberField, choice, day, line, number_or_none, paragraph, select

# Empty rows that the form of targets offers beyond those that are there.
SPARE_STONES = 2


def _of(words: Mapping[str, Any]) -> list[Any]:
    return [choice(key, word) for key, word in words.items()]


class KpiForm(FlaskForm):
    """What a KPI is, who looks after it, and how its figures are judged."""

    code = line(
        _l("Code"),
        20,
        _l("Give it a short code."),
        description=_l("Short, as people say it: CSAT. Files and gates name it."),
    )
    name = line(_l("Name"), LENGTHS["name"])
    meaning = paragraph(_l("What it tells"), MAX_TEXT, render_kw={"rows": 3})
    formula = paragraph(_l("How it is worked out"), MAX_TEXT, render_kw={"rows": 2})
    source = line(_l("Where the figures come from"), LENGTHS["source"], description=_l("A system and its report."))
    owner_id = select(_l("Owner"))
    deputy_id = select(_l("Deputy"))
    unit = select(_l("Unit"), choices=_of(UNIT_WORDS))
    unit_name = line(
        _l("Sign of the unit"), LENGTHS["unit_name"], description=_l("PLN, tickets; where the usual one will not do.")
    )
    decimals = NumberField(_l("Decimal places"), default=1)
    better = select(_l("What is good"), choices=_of(BETTER_WORDS))
    inside_low = ExactField(_l("Range from"))
    inside_high = ExactField(_l("Range to"))
    scale_low = ExactField(_l("Lowest it can be"), description=_l("Figures beyond are refused as slips."))
    scale_high = ExactField(_l("Highest it can be"))
    amber_percent = ExactField(
        _l("Amber up to, in percent"),
        default=Decimal(5),
        description=_l("How far from the target is still amber, as a share of the target."),
    )
    every = select(_l("How often it is read"), choices=_of(EVERY_WORDS))
    stale_after = NumberField(
        _l("Out of date after"),
        default=2,
        description=_l("So many periods without a figure; from then on it is never green."),
    )
    channels = SelectMultipleField(
        _l("Channels"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=False
    )
    overall_by = select(_l("The value for all channels"), choices=_of(OVERALL_WORDS))
    volume_id = select(_l("Weighted by"))
    is_on_board = BooleanField(_l("On the board"), default=True, description=_l("Volumes can stay off it."))
    revision = NumberField(widget=HiddenInput())

    def offer(self, people: Mapping[int, str], kpis: Sequence[Any], channels: Sequence[tuple[str, str]]) -> None:
        """Fill the lists: people by id, rows of KPIs (id, label), channels as (key, name)."""
        everybody = [choice("", _("Nobody yet")), *(choice(key, name) for key, name in people.items())]
        self.owner_id.choices = everybody
        self.deputy_id.choices = [choice("", _("Nobody")), *everybody[1:]]
        self.volume_id.choices = [choice("", _("Nothing")), *(choice(row.id, row.label) for row in kpis)]
        self.channels.choices = [choice(key, name) for key, name in channels]

    def begin(self, kpi: Kpi, channels: Sequence[str]) -> None:
        """Show the KPI as it is."""
        for name, field in self._fields.items():
            if name not in ("csrf_token", "channels", "revision"):
                value = getattr(kpi, name)
                field.data = "" if value is None and name.endswith("_id") else value
        for name in ("owner_id", "deputy_id", "volume_id"):
            self[name].data = str(self[name].data)
        self.channels.data = list(channels)
        self.revision.process_data(kpi.revision)

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        skip = ("csrf_token", "channels", "revision")
        found = {name: field.data for name, field in self._fields.items() if name not in skip}
        for name in ("owner_id", "deputy_id", "volume_id"):
            raw = found[name] or ""
            found[name] = number_or_none(raw if raw.isdecimal() and len(raw) <= 9 else "")
        return found


class BaselineForm(FlaskForm):
    """Where a KPI stood."""

    value = ExactField(_l("Value"))
    since = day(_l("Measured from"))
    until = day(_l("Measured until"))
    source = line(_l("Source"), 200, description=_l("Who measured it, and how."))
    revision = NumberField(widget=HiddenInput())


class StoneForm(PlainForm):
    """One target or stepping stone; a row without a value and a day is none."""

    kind = select(_l("Kind of target"), choices=_of(TARGET_WORDS))
    value = ExactField(_l("Figure"))
    upper = ExactField(_l("Upper end"))
    due_on = day(_l("To be reached by"))


class TargetsForm(FlaskForm):
    """The target and the stepping stones to it."""

    stones = FieldList(FormField(StoneForm), max_entries=20)
    revision = NumberField(widget=HiddenInput())

    def rows(self) -> tuple[list[dict[str, Any]], list[int]]:
        """What was typed, without rows left empty; and the place in the form of each."""
        found, places = [], []
        for place, entry in enumerate(self.stones):
            form = entry.form
            if form.value.data is None and form.due_on.data is None and form.upper.data is None:
                continue
            found.append({name: form[name].data for name in ("kind", "value", "upper", "due_on")})
            places.append(place)
        return found, places

    def take_errors(self, fields: Mapping[str, Any], places: Sequence[int]) -> None:
        """Put the verb's refusals ('value-1' after the place among those given) beside their fields."""
        for name, reason in fields.items():
            column, _dash, number = name.partition("-")
            if number.isdecimal() and int(number) < len(places):
                field = self.stones[places[int(number)]].form[column]
                field.errors = [*field.errors, str(reason)]
            else:
                self.form_errors.append(str(reason))


class ChannelForm(FlaskForm):
    """A channel of the handbook, or an own one."""

    key = select(_l("Channel"))
    name = line(_l("Or a channel of your own"), MAX_NAME)


class GateAskForm(FlaskForm):
    """What a gate asks of a KPI."""

    gate_id = select(_l("Gate"))
    kpi_id = select(_l("KPI"))
    kind = select(_l("Kind of target"))
    value = ExactField(_l("Figure"))
    upper = ExactField(_l("Upper end"), description=_l("Only for “between”."))
    periods = NumberField(
        _l("Periods in a row"), default=4, description=_l("Weeks, months or quarters, as the KPI is read.")
    )

    def offer(self, gates: Sequence[tuple[int, str]], kpis: Sequence[tuple[int, str]]) -> None:
        """Fill the lists."""
        self.gate_id.choices = [choice(gate_id, name) for gate_id, name in gates]
        self.kpi_id.choices = [choice(kpi_id, name) for kpi_id, name in kpis]
        self.kind.choices = [choice("", _("On its way to its own target")), *_of(TARGET_WORDS)]


class ClosingForm(FlaskForm):
    """Up to which day figures are settled."""

    until = day(_l("Settled up to"))
    seen = HiddenField()
