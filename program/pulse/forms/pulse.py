"""Forms of the pulse: its shape, own questions, and what was done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from program.planning.forms.fields import NumberField, choice, line, paragraph
from program.pulse.bank import THEME_WORDS, Kind, Theme
from program.pulse.models import Survey
from program.pulse.questions import MAX_TEXT, OwnQuestion
from program.pulse.replies import MAX_DID, MAX_SAID
from program.pulse.surveys import SurveyDraft, cadence_of

WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"))
KIND_WORDS = {
    Kind.SCALE5: _l("From 1 (not at all) to 5 (completely)"),
    Kind.NPS10: _l("From 0 to 10, how likely to recommend"),
    Kind.YES_NO: _l("Yes or no"),
    Kind.TEXT: _l("In words"),
}
HOURS = range(7, 19)
# A list of so many boxes needs no folding.
OPEN_UP_TO = 8


class SurveyForm(FlaskForm):
    """The shape of a pulse. Its rules stand in `surveys.py`."""

    revision = HiddenField()
    weekday = SelectField(_l("Day"), choices=[choice(number, name) for number, name in enumerate(WEEKDAYS)])
    hour = SelectField(
        _l("Hour"),
        choices=[choice(hour, f"{hour}:00") for hour in HOURS],
        description=_l("Of each person's own day, wherever they are. On a public holiday it waits for the next day."),
    )
    every = SelectField(
        _l("How often"),
        choices=[
            choice(1, _l("Every week")),
            choice(2, _l("Every second week")),
            choice(4, _l("Every fourth week")),
        ],
    )
    days_open = NumberField(
        _l("Open for (working days)"),
        [InputRequired(_l("Give %(least)s to %(most)s working days.", least=2, most=10))],
        description=_l("Those who have not answered are reminded on the second and the fourth day, and never again."),
    )
    questions_a_round = NumberField(
        _l("Questions a round"), [InputRequired(_l("Ask 1 to %(most)s questions: half a minute is enough.", most=5))]
    )
    audience = SelectMultipleField(
        _l("Who is asked"),
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_l("Nobody chosen means the whole team: everybody who works on the program."),
    )
    breakdown = SelectField(
        _l("Tell results by"),
        validate_choice=False,
        description=_l("One kind of part only: parts that overlap would give people away."),
    )
    scores_from = NumberField(
        _l("Tell scores from so many answers"),
        [InputRequired(_l("Write a whole number."))],
        description=_l("It can be raised at any time, and lowered only before the first round."),
    )
    comments_from = NumberField(
        _l("Tell comments from so many writers"),
        [InputRequired(_l("Write a whole number."))],
        description=_l("With fewer, comments are deleted unread when the round closes."),
    )

    def offer(self, kinds: Any) -> None:
        """Fill the lists from the kinds of parts with their parts."""
        self.kinds = [(kind.name, kind.label) for kind, _parts in kinds]
        self.audience.choices = [
            choice(f"{kind.name}:{part.key}", f"{kind.label}: {part.name}") for kind, parts in kinds for part in parts
        ]
        self.breakdown.choices = [choice("", _l("Nothing: everybody together"))] + [
            choice(kind.name, kind.label) for kind, _parts in kinds
        ]

    @property
    def is_short(self) -> bool:
        """Whether every list stands open, so that nobody has to look for anything."""
        return all(is_open for _label, is_open, _boxes in self.offered())

    def offered(self) -> Iterator[tuple[Any, bool, list[Any]]]:
        """What is not chosen yet, by kind: its word, whether the list stands open (a short one does), and its boxes."""
        rest = [option for option in self.audience if not option.checked]
        for name, label in self.kinds:
            mine = [option for option in rest if option.data.startswith(f"{name}:")]
            yield label, len(mine) <= OPEN_UP_TO, mine

    def begin(self, survey: Survey | None) -> None:
        """Show the survey as it is, or the usual shape for a new one."""
        draft = SurveyDraft() if survey is None else draft_of(survey)
        self.revision.data = "" if survey is None else str(survey.revision)
        self.weekday.data, self.hour.data, self.every.data = str(draft.weekday), str(draft.at.hour), str(draft.every)
        self.days_open.data, self.questions_a_round.data = draft.days_open, draft.questions_a_round
        self.audience.data, self.breakdown.data = list(draft.audience), draft.breakdown
        self.scores_from.data, self.comments_from.data = draft.scores_from, draft.comments_from

    def draft(self) -> SurveyDraft:
        """What was chosen, as the verb takes it."""
        return SurveyDraft(
            weekday=_number(self.weekday.data),
            at=time(min(23, max(0, _number(self.hour.data)))),
            every=_number(self.every.data),
            days_open=self.days_open.data or 0,
            questions_a_round=self.questions_a_round.data or 0,
            audience=tuple(self.audience.data or ()),
            breakdown=self.breakdown.data or "",
            scores_from=self.scores_from.data or 0,
            comments_from=self.comments_from.data or 0,
        )


def draft_of(survey: Survey) -> SurveyDraft:
    """A survey's present shape."""
    cadence = cadence_of(survey)
    return SurveyDraft(
        weekday=cadence.weekday,
        at=cadence.at,
        every=cadence.every,
        days_open=survey.days_open,
        questions_a_round=survey.questions_a_round,
        audience=tuple(survey.audience),
        breakdown=survey.breakdown,
        scores_from=survey.scores_from,
        comments_from=survey.comments_from,
    )


class QuestionForm(FlaskForm):
    """A question of the program's own."""

    text_en = line(_l("Question in English"), MAX_TEXT)
    text_pl = line(
        _l("Question in Polish"), MAX_TEXT, description=_l("Left empty, it is asked as in the other language.")
    )
    kind = RadioField(
        _l("How it is answered"),
        choices=[choice(kind, words) for kind, words in KIND_WORDS.items()],
        default=Kind.SCALE5,
    )
    theme = SelectField(
        lazy_pgettext("pulse", "Theme"),
        choices=[choice(theme, THEME_WORDS[theme]) for theme in Theme if theme is not Theme.OPEN],
        default=Theme.OWN,
    )

    def question(self) -> OwnQuestion:
        """What was written, as the verb takes it."""
        return OwnQuestion(
            self.text_en.data or "", self.text_pl.data or "", self.kind.data or "", self.theme.data or ""
        )


class ReplyForm(FlaskForm):
    """What people said, and what was done about it."""

    theme = SelectField(
        lazy_pgettext("pulse", "Theme"), choices=[choice(theme, words) for theme, words in THEME_WORDS.items()]
    )
    said = line(_l("You said"), MAX_SAID, description=_l("In their words, as a group: never what one person wrote."))
    did = paragraph(_l("We did"), MAX_DID)
    item = NumberField(_l("The item that did it (its number)"))


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdecimal() and len(raw) < 4 else -1
