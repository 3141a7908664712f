"""The forms of impacted groups: a group, its impacts aspect by aspect, somebody in it, and the program's limits.

The verbs judge what was typed; the forms only read it, so that the reason for a refusal stands in one place.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from program.change.group_words import ASPECT_WORDS, KIND_WORDS, LEVEL_WORDS
from program.change.groups import MAX_NAME, MAX_NOTE, MAX_SITE
from program.change.impacts import ASPECTS, Impact
from program.change.impacts import MAX_NOTE as MAX_IMPACT_NOTE
from program.people.accounts import MAX_EMAIL
from program.people.accounts import MAX_NAME as MAX_PERSON_NAME
from program.people.forms import LANGUAGES
from program.planning.forms.fields import NumberField, choice, line, number_or_none, select
from program.planning.item_words import CHANNEL_WORDS


def _chosen(text: Any) -> int | None:
    # What is no number cannot be a go-live: the verb then says so beside the field.
    try:
        return number_or_none(None if text is None else str(text))
    except ValueError:
        return -1


class GroupForm(FlaskForm):
    """A team, a site or the people of a channel."""

    name = line(_l("Name"), MAX_NAME, _l("Give the group a name."))
    kind = select(_l("What it is"), choices=[choice(kind, word) for kind, word in KIND_WORDS.items()])
    headcount = NumberField(_l("People"), description=_l("How many work there, known here by name or not."))
    site = line(_l("Site"), MAX_SITE, description=_l("Where they sit. Empty when it does not matter."))
    channel = select(
        _l("Customer channel"),
        choices=[
            choice("", _l("Several or none")),
            *(choice(channel, word) for channel, word in CHANNEL_WORDS.items()),
        ],
    )
    representative = line(
        _l("Who speaks for them"),
        MAX_EMAIL,
        description=_l("Type the name or e-mail of somebody of the program or its groups."),
    )
    go_live_id = select(_l("Go-live that reaches them"), coerce=_chosen)
    training_target = NumberField(
        _l("Training target in percent"), description=_l("The share of the group that should be trained by then.")
    )
    note = line(_l("In a few words: what changes for them"), MAX_NOTE)
    revision = NumberField(widget=HiddenInput())

    def offer(self, go_lives: list[tuple[int, str]]) -> None:
        """Fill the list of go-lives: (id, words)."""
        self.go_live_id.choices = [choice("", _l("Not planned yet")), *(choice(*each) for each in go_lives)]

    def values(self) -> dict[str, Any]:
        """What was typed, by column; the representative is still a name (`representative`)."""
        return {
            "name": self.name.data or "",
            "kind": self.kind.data,
            "site": self.site.data or "",
            "channel": self.channel.data or "",
            "headcount": self.headcount.data or 0,
            "go_live_id": self.go_live_id.data,
            "training_target": 100 if self.training_target.data is None else self.training_target.data,
            "note": self.note.data or "",
        }


class _ImpactForm(FlaskForm):
    revision = NumberField(widget=HiddenInput(), validators=[InputRequired()])

    def begin(self, impacts: dict[str, Impact]) -> None:
        """Show the impacts as they are."""
        for aspect in ASPECTS:
            found = impacts.get(aspect)
            self[aspect].data = "" if found is None else str(found.level)
            self[f"{aspect}_note"].data = found.note if found else ""

    def wanted(self) -> dict[str, Impact | None]:
        """What was chosen; None where nobody has looked."""
        return {
            aspect: Impact(int(self[aspect].data), self[f"{aspect}_note"].data or "") if self[aspect].data else None
            for aspect in ASPECTS
        }


def _levels() -> list[Any]:
    return [
        choice("", _("Nobody has looked yet")),
        *(choice(level, f"{level} – {word}") for level, word in LEVEL_WORDS.items()),
    ]


def _impact_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for aspect in ASPECTS:
        # What the form does not send is what nobody has looked at.
        fields[aspect] = SelectField(ASPECT_WORDS[aspect], choices=_levels, default="")
        told = _l("Up to %(most)s letters.", most=MAX_IMPACT_NOTE)
        fields[f"{aspect}_note"] = StringField(
            _l("In what way"), [Length(max=MAX_IMPACT_NOTE, message=told)], render_kw={"maxlength": MAX_IMPACT_NOTE}
        )
    return fields


# Ten aspects with a level and a note each.
ImpactForm: Any = type("ImpactForm", (_ImpactForm,), _impact_fields())


class MemberForm(FlaskForm):
    """Somebody to put into a group."""

    who = line(
        _l("Name or e-mail"),
        MAX_EMAIL,
        _l("Write a name or an e-mail."),
        description=_l("The name of somebody of the program or its groups; anybody else by their whole e-mail."),
    )
    name = line(_l("Full name"), MAX_PERSON_NAME, description=_l("Needed only for somebody who has no account yet."))
    locale = SelectField(_l("Language"), choices=LANGUAGES)
    belongs = BooleanField(
        _l("Belongs to the group"),
        description=_l("Leave it out for an ambassador who comes from elsewhere and is not part of its headcount."),
        default=True,
    )
    is_ambassador = BooleanField(
        _l("Ambassador"), description=_l("Explains the change to colleagues and brings their questions back.")
    )
    is_super_user = BooleanField(
        _l("Super-user"), description=_l("Learns the new way first, and then trains the others.")
    )


class LimitsForm(FlaskForm):
    """What the program takes for enough and for too much."""

    people_per_ambassador = NumberField(_l("People for one ambassador, at most"), [InputRequired()])
    people_per_super_user = NumberField(_l("People for one super-user, at most"), [InputRequired()])
    amber_from = NumberField(_l("A week is amber from so many points"), [InputRequired()])
    red_from = NumberField(_l("A week is red from so many points"), [InputRequired()])
    revision = NumberField(widget=HiddenInput(), validators=[InputRequired()])
