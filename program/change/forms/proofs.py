"""The form of a success. The verb judges what was typed (`proofs.py`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from program.change.forms.choices import channel_choices
from program.change.proofs import KIND_WORDS, MAX_BODY, MAX_FIGURE, MAX_TITLE, ProofDraft
from program.planning.evidence import MAX_LABEL, MAX_URL
from program.planning.forms.fields import NumberField, choice, day, select


class ProofForm(FlaskForm):
    """A short card with something to show for it."""

    kind = select(_l("Kind"), default="quick_win")
    title = StringField(_l("Title"), [InputRequired(_l("Give it a title."))], render_kw={"maxlength": MAX_TITLE})
    body = TextAreaField(
        _l("What happened"),
        [InputRequired(_l("Tell in a few sentences what happened."))],
        render_kw={"maxlength": MAX_BODY, "rows": 4},
    )
    figure = StringField(
        _l("Figure"),
        description=_l("What shows it, as people say it: a third fewer repeat calls. A figure or a link is needed."),
        render_kw={"maxlength": MAX_FIGURE},
    )
    url = StringField(_l("Link"), render_kw={"maxlength": MAX_URL, "inputmode": "url"})
    url_label = StringField(_l("Words of the link"), render_kw={"maxlength": MAX_LABEL})
    happened_on = day(_l("Day"), _l("Give the day on which it happened."))
    channel = select(_l("Customer channel"), default="")
    is_pinned = BooleanField(_l("Pinned"), description=_l("Stands first on the overview and for the front line."))
    idea_number = NumberField(_l("Number of the idea"), description=_l("The idea it came from, if there was one."))
    revision = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = [choice(key, word) for key, word in KIND_WORDS.items()]
        self.channel.choices = channel_choices()

    def draft(self) -> ProofDraft:
        """What was typed."""
        return ProofDraft(
            **{name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "revision")}
        )
