"""The forms of ideas. The verbs judge what was typed (`ideas.py`); the forms only read it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from program.change.forms.choices import channel_choices, chosen_id, people_choices
from program.change.idea_words import STAGE_WORDS
from program.change.ideas import ITEM_KINDS, MAX_DETAIL, MAX_NOTE, MAX_TITLE
from program.planning.forms.fields import choice, day, select
from program.planning.forms.items import team
from program.planning.item_words import KIND_WORDS


class HandInForm(FlaskForm):
    """An idea in one line, and whatever else its proposer likes to say."""

    title = StringField(_l("Your idea"), [InputRequired(_l("Write your idea in a line first."))])
    detail = TextAreaField(_l("Details"))
    channel = select(_l("Customer channel"), default="")
    nameless = BooleanField(
        _l("Leave out my name"),
        description=_l("Nothing is kept that leads to you. So nobody can tell you what becomes of it, either."),
    )
    # Set by the page that has shown ideas like this one.
    looked = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.title.render_kw = {"maxlength": MAX_TITLE, "autocomplete": "off"}
        self.detail.render_kw = {"maxlength": MAX_DETAIL, "rows": 4}
        self.channel.choices = channel_choices()


class OwnIdeaForm(HandInForm):
    """An idea of one's own that nobody has answered yet."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.nameless, self.looked


class StepForm(FlaskForm):
    """Where an idea goes next, and what its proposer is told."""

    stage = select(_l("Next step"))
    note = TextAreaField(_l("Words for the proposer"), render_kw={"maxlength": MAX_NOTE, "rows": 3})
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.stage.choices = [choice(key, word) for key, word in STAGE_WORDS.items()]


class OrganiseForm(FlaskForm):
    """Who looks after an idea, and the channel it is about."""

    owner_id = select(_l("Owner"), coerce=chosen_id, default=None)
    channel = select(_l("Customer channel"), default="")
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def offer(self, people: dict[int, str], owner: tuple[int, str] | None) -> None:
        """Fill the lists. `owner` is the present one, who may have left the team since."""
        self.owner_id.choices = people_choices(people, owner)
        self.channel.choices = channel_choices()


class ItemForm(FlaskForm):
    """The item of the plan that an idea becomes."""

    title = StringField(_l("Title"), [InputRequired(_l("Give it a title."))])
    kind = select(_l("Kind"))
    owner_id = select(_l("Owner"), coerce=chosen_id, default=None)
    due_on = day(_l("Due"))
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def offer(self, program_id: int) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [choice(kind.value, KIND_WORDS[kind.value]) for kind in ITEM_KINDS]
        self.owner_id.choices = people_choices(team(program_id))
