"""Pages of job aids and helpdesks: the list with what is to be looked at again first, and one entry."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.change import job_aids
from program.change.forms.choices import channel_choices
from program.change.forms.job_aids import JobAidForm
from program.change.models import JobAid
from program.change.models.training import AidKind
from program.change.people_here import find_person, names_of, suggestions
from program.change.plan_words import AID_WORDS
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import offer_undo, seen_revision

blueprint = Blueprint("job_aids", __name__)
AT = "/p/<key>/change/job-aids"
FIELDS = ("title", "kind", "channel", "url", "note", "review_on")


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """Every entry, those to be looked at again first."""
    program = open_program(key)
    today = formats.today()
    kind, channel = request.args.get("kind", ""), request.args.get("channel", "")
    rows, pagination = job_aids.aids(
        program.id,
        today,
        kind=kind if kind in AID_WORDS else "",
        channel=channel if channel in CHANNEL_WORDS else "",
        page=page_number(),
    )
    return render_template(
        "change/job_aids/index.html",
        program=program,
        tabs=change_tabs(program),
        rows=rows,
        pagination=pagination,
        counted=job_aids.counts(program.id, today),
        kind=kind,
        kinds=[("", _("All")), *AID_WORDS.items()],
        channel=channel,
        channels=[("", _("All")), *CHANNEL_WORDS.items()],
        aid_words=AID_WORDS,
        channel_words=CHANNEL_WORDS,
        today=today,
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add an entry."""
    program = open_program(key, Access.CONTRIBUTOR)
    form = _form()
    if request.method == "POST":
        if form.validate():
            try:
                job_aids.add_aid(current_actor(), program.id, _values(program, form))
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("Added. People of its channel find it on their own page."))
                return _to_list(program)
        return _form_page(program, form, None), 422
    form.kind.data = AidKind.JOB_AID.value
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:aid_id>", methods=["GET", "POST"])
def edit(key: str, aid_id: int) -> ResponseReturnValue:
    """Change an entry."""
    program = open_program(key, Access.CONTRIBUTOR)
    aid = job_aids.find_aid(current_actor(), program.id, aid_id)
    form = _form()
    if request.method == "POST":
        if form.validate():
            try:
                values = _values(program, form, aid)
                batch = job_aids.change_aid(current_actor(), aid, values, seen=seen_revision() or 0)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                offer_undo(program, _("“%(title)s” is saved.", title=aid.title), batch)
                return _to_list(program)
        return _form_page(program, form, aid), 422
    for name in FIELDS:
        form[name].data = getattr(aid, name)
    form.owner.data = names_of([aid.owner_id]).get(aid.owner_id, "") if aid.owner_id else ""
    return _form_page(program, form, aid)


@blueprint.post(f"{AT}/<int:aid_id>/remove")
def remove(key: str, aid_id: int) -> ResponseReturnValue:
    """Remove an entry; one click takes that back."""
    program = open_program(key, Access.CONTRIBUTOR)
    aid = job_aids.find_aid(current_actor(), program.id, aid_id)
    seen, present = seen_revision(), _revision(aid)
    batch = job_aids.remove_aid(current_actor(), aid, seen=present if seen is None else seen)
    offer_undo(program, _("The entry is removed."), batch)
    return _to_list(program)


def _revision(aid: Any) -> int:
    return int(aid.revision)


def _to_list(program: OpenProgram) -> ResponseReturnValue:
    return redirect(url_for(".index", key=program.key), 303)


def _form() -> JobAidForm:
    form = JobAidForm()
    form.kind.choices = [choice(key, word) for key, word in AID_WORDS.items()]
    form.channel.choices = channel_choices()
    return form


def _values(program: OpenProgram, form: JobAidForm, aid: JobAid | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {name: form[name].data for name in FIELDS}
    typed = (form.owner.data or "").strip()
    kept = aid.owner_id if aid is not None else None
    still = kept is not None and typed == names_of([kept]).get(kept)
    found["owner_id"] = kept if still else find_person(program.id, typed, "owner")
    return found


def _form_page(program: OpenProgram, form: JobAidForm, aid: JobAid | None) -> str:
    return render_template(
        "change/job_aids/form.html", program=program, form=form, aid=aid, people=suggestions(program.id)
    )
