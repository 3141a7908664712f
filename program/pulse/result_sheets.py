"""Results as a file: row by row what the page says, by the same limits and with the same words where it holds back.

Written from `results.Results` alone, which has no figure that may not be told: a file cannot say more than the page.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import pgettext

from program.ground import formats
from program.planning.spreadsheets_out import Cell
from program.pulse.bank import THEME_WORDS, Kind, Theme
from program.pulse.results import QuestionLine, Results, RoundLine

WIDTHS = [12, 18, 26, 60, 24, 10, 10, 10, 10, 60]


def headings() -> list[str]:
    """The headings, in the reader's language."""
    return [
        *(_("Round"), _("What it is"), pgettext("pulse", "Theme"), _("Question"), _("Part")),
        *(_("Asked"), _("Answered"), _("Figure"), _("Spread"), _("Note")),
    ]


def rows_of(results: Results) -> Iterator[list[Cell]]:
    """Turnout, themes over the rounds, questions with their parts, comments: in the page's order."""
    day = results.round.meant_for
    for one in results.rounds:
        yield _turnout(one)
    for turnout in results.turnouts:
        share = formats.number(round(100 * turnout.answered / turnout.asked))
        yield [day, _("Who answered"), "", "", turnout.name, str(turnout.asked), str(turnout.answered), share, "", "%"]
    for line in results.themes:
        for point in line.points:
            figures = [str(point.score.answered), _figure(point.score.mean), _figure(point.score.spread)]
            yield [point.meant_for, _("Theme of a round"), _theme(line.theme), "", "", "", *figures, _("from 1 to 5")]
    for question in results.questions:
        yield from _question(question, results)
    for question_id, said in results.comments.items():
        for comment in said:
            theme = _theme(comment.theme or Theme.OPEN)
            yield [day, _("Comment"), theme, results.question_texts[question_id], *[""] * 5, comment.text]


def _turnout(one: RoundLine) -> list[Cell]:
    return [one.meant_for, _("Who answered"), "", "", "", str(one.asked), str(one.answered), str(one.rate), "", "%"]


def _question(line: QuestionLine, results: Results) -> Iterator[list[Cell]]:
    begin: list[Cell] = [results.round.meant_for, _("Question"), _theme(line.theme), line.text]
    if line.score is None or line.mean is None:
        yield [*begin, "", "", "", "", "", _("held back")]
        return
    spread = _figure(line.score.spread) if line.kind == Kind.SCALE5 else ""
    scale = {Kind.SCALE5: _("from 1 to 5"), Kind.YES_NO: _("% yes"), Kind.NPS10: _("from -100 to 100")}[Kind(line.kind)]
    yield [*begin, "", "", str(line.score.answered), _figure(line.mean), spread, scale]
    for part in line.parts:
        yield [*begin, part.name, "", str(part.answered), _figure(part.mean), "", scale]
    if results.broken_down and sum(part.answered for part in line.parts) < line.score.answered:
        yield [*begin, _("Other parts"), "", "", "", "", _("held back")]


def _theme(theme: str) -> str:
    return str(THEME_WORDS[Theme(theme)])


def _figure(value: float) -> str:
    return formats.number(round(value, 2), 2)
