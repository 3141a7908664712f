"""The page of the operating model: the three compared, the program's choice with its history, and choosing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.formats import current_locale
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice
from program.planning.opening import open_program
from program.playbooks.operating_models import ASPECTS, operating_models
from program.team import operating_model
from program.team.forms.operating_model import ChoiceForm
from program.team.views.tabs import team_tabs

blueprint = Blueprint("operating_model", __name__)
AT = "/p/<key>/team/operating-model"
ASPECT_WORDS: dict[str, Any] = {
    "structure": _l("Structure"),
    "decisions": _l("Decisions"),
    "budget": _l("Budget"),
    "strengths": _l("Strengths"),
    "challenges": _l("Challenges"),
    "best_for": _l("Best for"),
}


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """The three models side by side, and which one the program has chosen."""
    program = open_program(key)
    locale, models = current_locale(), operating_models().values()
    choices = operating_model.choices(program.id)
    return render_template(
        "team/operating_model/show.html",
        program=program,
        tabs=team_tabs(program),
        models=[(model.key, model.name.in_(locale)) for model in models],
        aspects=[
            (ASPECT_WORDS[aspect], [(model.key, model.aspects[aspect].in_(locale)) for model in models])
            for aspect in ASPECTS
        ],
        chosen=choices[0] if choices else None,
        earlier=choices[1:],
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/choose", methods=["GET", "POST"])
def choose(key: str) -> ResponseReturnValue:
    """Record a choice, or another one."""
    program = open_program(key, Access.MANAGER)
    choices = operating_model.choices(program.id)
    form = ChoiceForm()
    locale = current_locale()
    form.model.choices = [
        choice(model.key, f"{model.name.in_(locale)}: {model.aspects['structure'].in_(locale)}")
        for model in operating_models().values()
    ]
    status = 200
    if request.method == "GET":
        form.seen.data = choices[0].id if choices else 0
        form.decided_on.data = formats.today()
    elif form.validate():
        try:
            operating_model.choose(
                current_actor(),
                program.id,
                form.model.data,
                form.reason.data or "",
                form.decided_on.data,
                seen=form.seen.data or 0,
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
            status = 422
        except Conflict as error:
            # The page below shows what was chosen meanwhile; sending it again is then a decision made with it in view.
            form.form_errors.append(str(error.sentence))
            form.seen.raw_data = None
            form.seen.data = choices[0].id if choices else 0
            status = 409
        else:
            flash(_("The choice is recorded."))
            return redirect(url_for("operating_model.show", key=program.key), 303)
    else:
        status = 422
    page = render_template(
        "team/operating_model/choose.html", program=program, form=form, chosen=choices[0] if choices else None
    )
    return page, status
