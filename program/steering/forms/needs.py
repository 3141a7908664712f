"""The form of what a program needs of another one. The verb judges."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from program.planning.forms.fields import choice, day, line, select
from program.steering import needs


class NeedForm(FlaskForm):
    """A dependency on another program."""

    giver = select(_l("Of which program"), default="")
    title = line(_l("What is needed"), needs.MAX_TITLE, _l("Say what it is that you need."))
    needed_on = day(_l("Needed by"), _l("Say by when you need it."))
    gate = select(
        _l("It is there at the gate"),
        default="",
        description=_l("Where you know it: the gate's planned day says whether it comes in time."),
    )

    def offer(self, programs: list[tuple[str, str]], gates: list[tuple[int, str]]) -> None:
        """Let these programs and their gates be chosen."""
        self.giver.choices = [choice("", _l("Choose")), *(choice(key, name) for key, name in programs)]
        self.gate.choices = [choice("", _l("Not known")), *(choice(gate_id, name) for gate_id, name in gates)]
