"""The saturation pages: groups against weeks, one group in words, and what else lands on people."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import group_lists, other_changes, saturation
from program.change.forms.saturation import OtherChangeForm
from program.change.load import BAD, TENTHS, WEEK, State, monday_of
from program.change.models.saturation import OtherKind
from program.change.saturation import WEEKS_SHOWN, GroupInfo, Picture
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.pages import Pagination, page_number
from program.ground.records import record
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("saturation", __name__)
_AT = "/p/<key>/change/saturation"
_OTHER = f"{_AT}/others/<int:other_id>"
PAGE = 50


@record
class ShownCell:
    """A cell as the page draws it: its state, its points, what lands there."""

    state: str
    points: str
    title: str


def state_words() -> dict[str, str]:
    """What each state is called, looked up once a page."""
    return {
        State.FREE.value: _("free"),
        State.FINE.value: _("fine"),
        State.AMBER.value: _("much"),
        State.RED.value: _("too much"),
        State.FROZEN.value: _("freeze"),
        State.BROKEN.value: _("planned into a freeze"),
    }


def points_text(tenths: int) -> str:
    """Points as people write them: whole ones without decimals."""
    return formats.number(tenths // TENTHS) if tenths % TENTHS == 0 else formats.number(tenths / TENTHS, 1)


@blueprint.get(_AT)
def show(key: str) -> ResponseReturnValue:
    """Groups against weeks, the most loaded first."""
    program = open_program(key)
    today = formats.today()
    first = saturation.within(monday_of(_from_day(today)))
    picture = saturation.picture_of(program.id, first)
    query = "".join(letter for letter in request.args.get("q", "")[:100] if letter.isprintable())
    ranked = picture.by_load()
    found = [group for group in ranked if fold(query) in fold(group.name)] if query.strip() else ranked
    pagination = Pagination(page_number(), PAGE, len(found))
    start = (pagination.page - 1) * PAGE
    words = state_words()
    rows = [
        (group, [_shown(picture, group.id, week, words) for week in picture.weeks])
        for group in found[start : start + PAGE]
    ]
    return render_template(
        "change/saturation/show.html",
        program=program,
        tabs=change_tabs(program),
        headline=headline(picture, ranked),
        rows=rows,
        has_groups=bool(picture.groups),
        weeks=picture.weeks,
        this_week=monday_of(today),
        day_and_month=formats.day_and_month,
        limits=picture.limits,
        pagination=pagination,
        query=query,
        words=words,
        others=other_changes.list_others(current_actor(), program.id, first),
        kinds=other_changes.KIND_WORDS,
        earlier=_week_url(program, first - WEEK * WEEKS_SHOWN, query),
        later=_week_url(program, first + WEEK * WEEKS_SHOWN, query),
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.get(f"{_AT}/<int:group_id>")
def group(key: str, group_id: int) -> ResponseReturnValue:
    """One group week by week, in words."""
    program = open_program(key)
    first = saturation.within(monday_of(_from_day(formats.today())))
    picture = saturation.picture_of(program.id, first)
    info = picture.groups.get(group_id)
    if info is None:
        raise NotFound(NOT_HERE)
    return render_template(
        "change/saturation/group.html",
        program=program,
        tabs=change_tabs(program),
        group=info,
        row=group_lists.one_group(current_actor(), program.id, group_id),
        weeks=[(week, picture.cell(group_id, week), picture.state(group_id, week).value) for week in picture.weeks],
        bad=picture.bad_weeks(group_id),
        limits=picture.limits,
        words=state_words(),
        points_text=points_text,
    )


def headline(picture: Picture, ranked: list[GroupInfo]) -> str:
    """Which group carries the most, when, and how many others carry too much."""
    if not ranked:
        return _("No group yet, so nothing can be too much for anybody.")
    worst = ranked[0]
    bad = [group for group in ranked if picture.bad_weeks(group.id)]
    peak = max(
        (week for week in picture.weeks if not bad or picture.state(worst.id, week) in BAD),
        key=lambda week: (picture.cell(worst.id, week).tenths, -week.toordinal()),
    )
    cell = picture.cell(worst.id, peak)
    if not cell.tenths:
        return _("Nothing lands on anybody in these weeks.")
    facts = {
        "group": worst.name,
        "points": points_text(cell.tenths),
        "week": formats.week(peak),
        "limit": picture.limits.red_from,
    }
    if not bad:
        return _(
            "No week is too much. %(group)s carries the most: %(points)s points in %(week)s; red begins at %(limit)s.",
            **facts,
        )
    if picture.state(worst.id, peak) is State.BROKEN:
        said = _("Something is planned for %(group)s into a freeze in %(week)s.", **facts)
    else:
        said = _("%(group)s carries too much: %(points)s points in %(week)s; red begins at %(limit)s.", **facts)
    if len(bad) > 1:
        more = ngettext("%(num)s more group has such a week.", "%(num)s more groups have such weeks.", len(bad) - 1)
        said = f"{said} {more}"
    return said


@blueprint.route(f"{_AT}/others/new", methods=["GET", "POST"])
def new_other(key: str) -> ResponseReturnValue:
    """Add another change or a freeze."""
    program = open_program(key, Access.MANAGER)
    form = OtherChangeForm()
    if request.method == "GET":
        if request.args.get("kind") == OtherKind.FREEZE:
            form.kind.data = OtherKind.FREEZE.value
        return _other_page(program, form)
    if form.validate():
        try:
            other = other_changes.add_other(current_actor(), program.id, form.values(), form.group_names())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is added.", name=other.name))
            return redirect(url_for(".show", key=program.key), 303)
    return _other_page(program, form), 422


@blueprint.route(_OTHER, methods=["GET", "POST"])
def edit_other(key: str, other_id: int) -> ResponseReturnValue:
    """Change one, or whom it is for."""
    program = open_program(key, Access.MANAGER)
    other, groups = other_changes.find_other(current_actor(), program.id, other_id)
    form = OtherChangeForm()
    if request.method == "GET":
        for name in ("kind", "name", "starts_on", "ends_on"):
            form[name].data = getattr(other, name)
        form.weight.data, form.groups.data = str(other.weight), "\n".join(groups)
        form.revision.process_data(other.revision)
        return _other_page(program, form, other)
    if form.validate():
        try:
            other_changes.change_other(
                current_actor(), other, form.values(), form.group_names(), seen=form.revision.data or 0
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is saved.", name=other.name))
            return redirect(url_for(".show", key=program.key), 303)
    return _other_page(program, form, other), 422


@blueprint.post(f"{_OTHER}/remove")
def remove_other(key: str, other_id: int) -> ResponseReturnValue:
    """Remove one, after asking."""
    program = open_program(key, Access.MANAGER)
    other, _groups = other_changes.find_other(current_actor(), program.id, other_id)
    if "confirmed" not in request.form:
        return render_template(
            "people/question.html",
            title=_("Remove “%(name)s”", name=other.name),
            text=_("It no longer counts in any week. It cannot be taken back."),
            verb=_("Remove"),
            action=request.path,
            back=url_for(".show", key=program.key),
            fields={"revision": other.revision},
        )
    raw = request.form.get("revision", "")
    name = other.name
    other_changes.remove_other(current_actor(), other, seen=int(raw) if raw.isdigit() and len(raw) < 10 else None)
    flash(_("“%(name)s” is removed.", name=name))
    return redirect(url_for(".show", key=program.key), 303)


def _other_page(program: OpenProgram, form: OtherChangeForm, other: Any = None) -> str:
    return render_template("change/saturation/other.html", program=program, form=form, other=other)


def _from_day(today: date) -> date:
    raw = request.args.get("from", "")
    try:
        return date.fromisoformat(raw) if len(raw) == 10 else today
    except ValueError:
        return today


def _week_url(program: OpenProgram, week: date, query: str) -> str:
    arguments = {"from": saturation.within(week).isoformat(), "q": query or None}
    return url_for(".show", key=program.key, **arguments)  # type: ignore[arg-type]


def _shown(picture: Picture, group_id: int, week: date, words: dict[str, str]) -> ShownCell:
    cell = picture.cell(group_id, week)
    state = cell.state(picture.limits)
    if state is State.FREE:
        return ShownCell(state.value, "", "")
    lines = [*cell.freezes, *(f"{part.name}: {points_text(part.tenths)}" for part in cell.parts)]
    return ShownCell(state.value, points_text(cell.tenths) if cell.tenths else "", "\n".join(lines))
