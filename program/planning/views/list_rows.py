"""The rows of the checklist as their template draws them: plain values, and marks that are drawn once a language.

A hundred rows stand on a page. What comes again in row after row (a status, a priority, 'Required') is ready markup;
what people wrote stays plain text, which the template escapes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import product
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from program.ground import formats
from program.ground.records import record
from program.planning.item_words import KIND_WORDS, PRIORITY_NAMES, PRIORITY_WORDS, STATUS_WORDS
from program.planning.models.items import OPEN_STATUSES

SOON_DAYS = 3
# Most items are of these kinds, and most priorities are normal: they go without saying.
_UNMARKED_KINDS = ("item", "task")
_UNMARKED_PRIORITY = 2
_NOTHING = Markup("")
_STATE = Markup('<span class="state state-{}">{}</span>')
_PRIORITY = Markup('<span class="state priority-{}">{}</span>')
_MARK = Markup(' <span class="item-mark">{}</span>')
_DUE = Markup('<time class="due" datetime="{}">{}</time>')
_DUE_NOW = Markup('<time class="due state state-{}" datetime="{}">{} <span class="late-word">{}</span></time>')


@record
class Bases:
    """What the numbers of rows are appended to: their names (ALFA-), their pages, their forms in place."""

    name: str
    item: str
    edit: str


@record
class _Marks:
    """The marks of a language, by what they say."""

    statuses: Mapping[str, Markup]
    priorities: Mapping[int, Markup]
    # Beside the title: whether the item is required, and its kind.
    beside: Mapping[tuple[bool, str], Markup]
    # 'late' and 'soon'.
    nearness: Mapping[str, str]


def lines(
    rows: Iterable[Any],
    today: date,
    bases: Bases,
    faces: Mapping[int | None, Any],
    tags: Mapping[int, Sequence[str]],
    waiting: Collection[int],
) -> Iterator[tuple[Any, ...]]:
    """What each row (`item_lists.COLUMNS`) shows, in the order in which `rows.html` names it."""
    marks = _marks(formats.current_locale())
    statuses, priorities, beside = marks.statuses, marks.priorities, marks.beside
    days: dict[tuple[date | None, bool], Markup] = {}
    for row in rows:
        item_id, number, title, status, reason, required, owner_id, due_on, priority, kind, _phase, _revision = row
        day = (due_on, status in OPEN_STATUSES)
        if day not in days:
            days[day] = _due(marks, today, *day)
        yield (
            number,
            f"{bases.name}{number}",
            f"{bases.item}{number}",
            f"{bases.edit}{number}",
            title,
            beside[required, kind],
            item_id in waiting,
            tags.get(item_id),
            reason,
            statuses[status],
            faces[owner_id],
            days[day],
            priorities[priority],
        )


def _due(marks: _Marks, today: date, due_on: date | None, is_open: bool) -> Markup:
    if due_on is None:
        return _NOTHING
    distance = (due_on - today).days
    if not is_open or distance > SOON_DAYS:
        return _DUE.format(due_on, formats.day(due_on))
    nearness = "late" if distance < 0 else "soon"
    return _DUE_NOW.format(nearness, due_on, formats.day(due_on), marks.nearness[nearness])


@lru_cache(maxsize=8)
def _marks(_locale: str) -> _Marks:
    required = _MARK.format(_("Required"))
    kinds = {kind: _NOTHING if kind in _UNMARKED_KINDS else _MARK.format(word) for kind, word in KIND_WORDS.items()}
    return _Marks(
        {status: _STATE.format(status, word) for status, word in STATUS_WORDS.items()},
        {
            level: _NOTHING if level == _UNMARKED_PRIORITY else _PRIORITY.format(PRIORITY_NAMES[level], word)
            for level, word in PRIORITY_WORDS.items()
        },
        {
            (is_required, kind): (required if is_required else _NOTHING) + kinds[kind]
            for is_required, kind in product((True, False), kinds)
        },
        {"late": _("late"), "soon": _("soon")},
    )
