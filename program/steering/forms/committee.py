"""Forms of the committee: a seat, and how the program is steered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.widgets import HiddenInput

from program.planning.forms.fields import NumberField, choice, line, number_or_none, select
from program.steering.committee import SeatDraft
from program.steering.models import Seat

SEAT_WORDS: dict[str, Any] = {Seat.CHAIR: _l("Chair"), Seat.MEMBER: _l("Member")}


class SeatForm(FlaskForm):
    """Who sits in the committee, and who stands in."""

    person_id = select(_l("Member"))
    deputy_id = select(_l("Deputy"))
    role = select(_l("Part"))
    revision = NumberField(widget=HiddenInput())

    def offer(self, people: Mapping[int, str]) -> None:
        """Fill the lists; people by id."""
        everybody = [choice(key, name) for key, name in people.items()]
        self.person_id.choices = [choice("", _("Choose somebody")), *everybody]
        self.deputy_id.choices = [choice("", _("Nobody")), *everybody]
        self.role.choices = [choice(key, SEAT_WORDS[key]) for key in (Seat.MEMBER, Seat.CHAIR)]

    def draft(self) -> SeatDraft:
        """What was chosen."""
        return SeatDraft(_id(self.person_id.data), _id(self.deputy_id.data), self.role.data or Seat.MEMBER)


class PlanForm(FlaskForm):
    """How the program is steered."""

    quorum = NumberField(_l("Quorum"), description=_l("Seats that have to vote. Empty: more than half of them."))
    risk_limit = NumberField(
        _l("Risks from this score on"), description=_l("The committee sees them, and gates ask for their measures.")
    )
    duration_minutes = NumberField(_l("A meeting lasts, in minutes"))
    place = line(_l("Place"), 200)
    link = line(_l("Link to the call"), 500)
    currency = line(_l("Currency"), 3)
    revision = NumberField(widget=HiddenInput())

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        return {name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "revision")}


def _id(raw: str | None) -> int | None:
    text = raw or ""
    return number_or_none(text if text.isascii() and text.isdigit() and len(text) <= 9 else "")
