"""The form of what else lands on people: another change, or a freeze."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.widgets import HiddenInput

from program.change.models.groups import IMPACT_MAX
from program.change.models.saturation import OtherKind
from program.change.other_changes import KIND_WORDS, MAX_NAME
from program.planning.forms.fields import NumberField, choice, day, line, select

MAX_GROUPS = 40_000


class OtherChangeForm(FlaskForm):
    """A stretch of days with another change, or a peak season."""

    kind = select(_l("What it is"), choices=[choice(kind, word) for kind, word in KIND_WORDS.items()])
    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    starts_on = day(_l("First day"), _l("Choose a day."))
    ends_on = day(_l("Last day"), _l("Choose a day."))
    weight = select(
        _l("How much it asks of people a week"),
        choices=[choice(level, level) for level in range(IMPACT_MAX + 1)],
        default="2",
        description=_l("0 is nothing, 5 turns the job upside down. A freeze has none."),
    )
    groups = TextAreaField(
        _l("For which groups"),
        description=_l("One name a line. Empty: for everybody."),
        render_kw={"rows": 4, "maxlength": MAX_GROUPS},
    )
    revision = NumberField(widget=HiddenInput())

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        raw = self.weight.data or ""
        return {
            "kind": self.kind.data,
            "name": self.name.data,
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "weight": int(raw) if raw.isdigit() and len(raw) < 3 else (0 if self.kind.data == OtherKind.FREEZE else -1),
        }

    def group_names(self) -> list[str]:
        """The names of groups that were typed."""
        return (self.groups.data or "").splitlines()
