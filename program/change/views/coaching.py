"""Pages of coaching. Everybody in the program may open the list; each sees only what is theirs to see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.change import coaching
from program.change.forms.coaching import CoachingForm, NewCoachingForm
from program.change.people_here import find_person, names_of, suggestions
from program.change.plan_words import COACHING_WORDS
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("coaching", __name__)
AT = "/p/<key>/change/coaching"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """What the reader may see: all of it for managers, else their own; for managers also who might need a coach."""
    program = open_program(key)
    actor, today = current_actor(), formats.today()
    over, page = request.args.get("show") == "over", page_number()
    counted = coaching.counts(actor, program.id, today)
    is_manager = coaching.sees_all(actor, program.id)
    return render_template(
        "change/coaching/index.html",
        program=program,
        tabs=change_tabs(program),
        rows=coaching.entries(actor, program.id, over=over, page=page),
        pagination=coaching.pages(counted, over, page),
        counted=counted,
        over=over,
        candidates=coaching.candidates(actor, program.id) if is_manager and not over else [],
        is_manager=is_manager,
        words=COACHING_WORDS,
        today=today,
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add somebody to coach."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor, form = current_actor(), NewCoachingForm()
    if request.method == "POST":
        if form.validate():
            try:
                values = {
                    "person_id": find_person(program.id, form.person.data or "", "person"),
                    "coach_id": find_person(program.id, form.coach.data or "", "coach"),
                    "topic": form.topic.data,
                    "next_on": form.next_on.data,
                }
                coaching.add(actor, program.id, values)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The coaching is added. Managers, the coach and the person see it, nobody else."))
                return redirect(url_for(".index", key=program.key), 303)
        return _new_page(program, form), 422
    form.person.data = request.args.get("person", "")[:254]
    if not coaching.sees_all(actor, program.id) and actor.person_id is not None:
        form.coach.data = names_of([actor.person_id]).get(actor.person_id, "")
    return _new_page(program, form)


@blueprint.route(f"{AT}/<int:coaching_id>", methods=["GET", "POST"])
def edit(key: str, coaching_id: int) -> ResponseReturnValue:
    """One coaching: its coach and managers write, the person reads."""
    # Whoever may not see it must not learn from a 403 that it exists: so it is found before more is asked.
    program = open_program(key)
    actor = current_actor()
    found = coaching.find(actor, program.id, coaching_id)
    names = names_of([one for one in (found.person_id, found.coach_id) if one is not None])
    form = CoachingForm(obj=found)
    form.state.choices = [choice(name, word) for name, word in COACHING_WORDS.items()]
    context: dict[str, Any] = {
        "program": program,
        "coaching": found,
        "form": form,
        "person": names[found.person_id],
        "coach": names.get(found.coach_id) if found.coach_id else None,
        "may_change": coaching.may_change(actor, found),
        "words": COACHING_WORDS,
        "people": suggestions(program.id),
    }
    if request.method == "GET":
        form.coach.data = context["coach"] or ""
        return render_template("change/coaching/edit.html", **context)
    if form.validate():
        try:
            typed = (form.coach.data or "").strip()
            still = found.coach_id is not None and typed == context["coach"]
            values = {
                "coach_id": found.coach_id if still else find_person(program.id, typed, "coach"),
                "topic": form.topic.data,
                "state": form.state.data,
                "next_on": form.next_on.data,
            }
            coaching.change(actor, found, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The coaching is saved."))
            return redirect(url_for(".index", key=program.key), 303)
    return render_template("change/coaching/edit.html", **context), 422


def _new_page(program: OpenProgram, form: NewCoachingForm) -> str:
    return render_template("change/coaching/new.html", program=program, form=form, people=suggestions(program.id))
