"""The page on which managers say when reviews come round."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.kpis import review_plan
from program.kpis.forms.reviews import PlanForm, number_of
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.decisions import members_of
from program.planning.opening import open_program

blueprint = Blueprint("kpi_review_settings", __name__)


@blueprint.route("/p/<key>/kpis/reviews/settings", methods=["GET", "POST"])
def edit(key: str) -> ResponseReturnValue:
    """Set reviews up, or change how they come round."""
    program = open_program(key, Access.MANAGER)
    plan = review_plan.find_plan(program.id)
    form = PlanForm()
    form.offer([one for one in members_of(program.id) if one.access >= Access.CONTRIBUTOR])
    if request.method == "GET":
        form.begin(plan)
    elif form.validate():
        seen = number_of(form.revision.data)
        try:
            plan = review_plan.save_plan(current_actor(), program.id, form.draft(), seen=seen)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if plan.next_at is None:
                flash(_("Saved. No review comes round."))
            else:
                flash(_("Saved. Owners are asked next on %(when)s.", when=formats.moment(plan.next_at)))
            return redirect(url_for("kpi_reviews.index", key=program.key), 303)
    page = render_template("kpis/reviews/settings.html", program=program, plan=plan, form=form)
    return page, 422 if form.errors else 200
