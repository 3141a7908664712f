"""The pages of baselines: taking and listing them, and comparing any two moments of the plan."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.now import utc_now, zone
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning import baselines
from program.planning.baselines import BaselineRow, Plan
from program.planning.comparison import Comparison, LineChange, compare, summary
from program.planning.comparison_words import KIND_WORDS, tell
from program.planning.forms.baselines import DAY, NOW, CompareForm, TakeBaselineForm
from program.planning.forms.fields import choice
from program.planning.models import Program, WorkItem
from program.planning.opening import OpenProgram, open_program
from program.planning.past_plans import plan_at
from program.planning.views.gates import is_manager, items_base

blueprint = Blueprint("baselines", __name__)
_AT = "/p/<key>/plan/baselines"
ROWS_A_PAGE = 50


@blueprint.get(_AT)
def index(key: str) -> ResponseReturnValue:
    """Every baseline, and a form to take one."""
    return _list(open_program(key), TakeBaselineForm(formdata=None))


def _list(program: OpenProgram, form: TakeBaselineForm) -> str:
    return render_template(
        "planning/baselines/index.html",
        program=program,
        rows=baselines.baselines_of(program.id),
        form=form,
        is_manager=is_manager(),
    )


@blueprint.post(_AT)
def take(key: str) -> ResponseReturnValue:
    """Keep the plan as it stands under a name."""
    program = open_program(key, Access.MANAGER)
    form = TakeBaselineForm()
    if form.validate():
        try:
            baseline = baselines.take_baseline(current_actor(), program.id, form.name.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The baseline “%(name)s” is taken.", name=baseline.name))
            return redirect(url_for("baselines.index", key=program.key), 303)
    return _list(program, form), 422


@blueprint.post(f"{_AT}/<int:baseline_id>/delete")
def delete(key: str, baseline_id: int) -> ResponseReturnValue:
    """Delete a baseline that was taken by hand, after asking once."""
    program = open_program(key, Access.MANAGER)
    baseline = baselines.find_baseline(program.id, baseline_id)
    if "confirmed" not in request.form:
        return render_template("planning/baselines/delete.html", program=program, baseline=baseline)
    name = baseline.name
    baselines.delete_baseline(current_actor(), program.id, baseline_id)
    flash(_("The baseline “%(name)s” is deleted.", name=name))
    return redirect(url_for("baselines.index", key=program.key), 303)


@blueprint.get("/p/<key>/plan/compare", endpoint="compare")
def compare_moments(key: str) -> ResponseReturnValue:
    """What differs between two moments; the newest baseline and now, unless the address says otherwise."""
    program = open_program(key)
    listed = baselines.baselines_of(program.id)
    began = _began(program)
    form = _moments_form(program, listed)
    wrong = not form.validate() or form.refuse_days(began, formats.today())
    context: dict[str, Any] = {"program": program, "form": form, "began": began, "today": formats.today()}
    if wrong:
        return render_template("planning/baselines/compare.html", **context, **_nothing()), 422
    before, after = _plans(program, form)
    found = compare(before, after, program.calendar)
    names = {str(row.id): row.name for row in listed}
    return render_template(
        "planning/baselines/compare.html",
        **context,
        **_told(program, found, before, after),
        headline=_headline(form, names, found),
    )


def _nothing() -> dict[str, Any]:
    return {"groups": [], "pagination": None, "kinds": [], "kind": "", "headline": "", "items_base": ""}


def _began(program: OpenProgram) -> date:
    created = db.session.scalars(select(Program.created_at).where(Program.id == program.id)).one()
    return created.astimezone(zone(program.timezone)).date()


def _moments_form(program: OpenProgram, listed: list[BaselineRow]) -> CompareForm:
    form = CompareForm(request.args)
    moments = [
        choice(row.id, _("%(name)s (%(when)s)", name=row.name, when=formats.moment(row.taken_at))) for row in listed
    ]
    moments += [choice(NOW, _("Now")), choice(DAY, _("The end of a day"))]
    known = {str(value) for value, *_rest in moments}
    # The beginning is what most people compare with, where nobody has taken a baseline yet.
    usual = str(listed[0].id) if listed else DAY
    for field, default in ((form.before, usual), (form.after, NOW)):
        field.choices = moments
        if field.data not in known:
            field.data = default
    if form.before.data == DAY and form.before_day.data is None and not form.before_day.errors:
        monday = formats.today() - timedelta(days=formats.today().weekday())
        form.before_day.data = max(_began(program), monday - timedelta(days=1))
    return form


def _plans(program: OpenProgram, form: CompareForm) -> tuple[Plan, Plan]:
    """The two plans that were chosen; of a baseline and the present only what differs."""
    first, last = form.before.data, form.after.data
    if last == NOW and first.isdigit():
        return baselines.baseline_and_present(program.id, baselines.find_baseline(program.id, int(first)).id)
    return _plan(program, first, form.before_day.data), _plan(program, last, form.after_day.data)


def _plan(program: OpenProgram, chosen: str, day: date | None) -> Plan:
    if chosen == NOW:
        return baselines.present_plan(program.id)
    if chosen == DAY and day is not None:
        end = datetime.combine(day + timedelta(days=1), time(), zone(program.timezone))
        return plan_at(program.id, min(end, utc_now()))
    return baselines.lines(baselines.find_baseline(program.id, int(chosen)).id)


def _headline(form: CompareForm, names: dict[str, str], found: Comparison) -> str:
    first, last = form.before.data, form.after.data
    if last == NOW and first in names:
        return _("Since the baseline “%(name)s”: %(summary)s.", name=names[first], summary=summary(found))
    return _(
        "From %(before)s to %(after)s: %(summary)s.",
        before=_moment_words(first, form.before_day.data, names),
        after=_moment_words(last, form.after_day.data, names),
        summary=summary(found),
    )


def _moment_words(chosen: str, day: date | None, names: dict[str, str]) -> str:
    if chosen == NOW:
        return _("now")
    if chosen == DAY:
        return formats.day(day)
    return _("“%(name)s”", name=names[chosen])


def _told(program: OpenProgram, found: Comparison, before: Plan, after: Plan) -> dict[str, Any]:
    """One page of the changes in words, under their phases."""
    kind = request.args.get("kind", "")
    changes = [change for change in found.changes if kind not in KIND_WORDS or kind in change.kinds]
    phases = _phase_names(before, after)
    order = {phase_id: place for place, phase_id in enumerate(phases)}
    changes.sort(key=lambda change: order.get(change.phase_id, len(order)))
    pagination = Pagination(page_number(), ROWS_A_PAGE, len(changes))
    page = changes[(pagination.page - 1) * ROWS_A_PAGE :][:ROWS_A_PAGE]
    people = _people_names(page)
    numbers = _numbers(page)
    groups: list[tuple[str, list[Any]]] = []
    for change in page:
        name = phases.get(change.phase_id) or _("Outside any phase")
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append((tell(change, phases, people), numbers.get(change.object_id)))
    present = {each for change in found.changes for each in change.kinds}
    kinds = [(each, words) for each, words in KIND_WORDS.items() if each in present]
    return {
        "groups": groups,
        "pagination": pagination,
        "kinds": kinds,
        "kind": kind if kind in KIND_WORDS else "",
        "items_base": items_base(program.key),
    }


def _phase_names(before: Plan, after: Plan) -> dict[int | None, str]:
    """Names of phases in the order they are planned; those that are gone come last, by the name they had."""
    names: dict[int | None, str] = {}
    for plan in (after, before):
        phases = [(line, object_id) for (object_type, object_id), line in plan.items() if object_type == "phase"]
        for line, object_id in sorted(phases, key=lambda pair: (pair[0].starts_on or date.max, pair[1])):
            names.setdefault(object_id, line.name)
    return names


def _people_names(page: list[LineChange]) -> dict[int | None, str]:
    ids = {line.owner_id for change in page for line in (change.before, change.after) if line and line.owner_id}
    if not ids:
        return {}
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _numbers(page: list[LineChange]) -> dict[int, int]:
    """The numbers of the page's items, by id."""
    ids = [change.object_id for change in page if change.object_type == "item"]
    if not ids:
        return {}
    rows = db.session.execute(select(WorkItem.id, WorkItem.number).where(WorkItem.id.in_(ids)))
    return {row.id: row.number for row in rows}
