"""The page of successes, quick wins and stories by month, and telling, changing, pinning and removing one."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from program.change import proofs
from program.change.forms.proofs import ProofForm
from program.change.ideas import find_idea
from program.change.models import Idea, Proof
from program.change.proofs import KIND_WORDS, PAGE_SIZE, draft_of, find_proof
from program.change.views.tabs import change_tabs
from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision, start_reading

blueprint = Blueprint("proofs", __name__)
AT = "/p/<key>/change/successes"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All successes by month; `?kind=` shows one kind."""
    program = open_program(key)
    kind = request.args.get("kind", "")
    kind = kind if kind in KIND_WORDS else ""
    counts = proofs.count_proofs(program.id)
    rows = proofs.proofs_page(program.id, kind, page_number())
    months = [
        (format_date(month, "LLLL y"), list(cards))
        for month, cards in groupby(rows, key=lambda row: row.happened_on.replace(day=1))
    ]
    total = sum(row.count for row in counts if not kind or row.kind == kind)
    return render_template(
        "change/proofs/index.html",
        program=program,
        tabs=change_tabs(program),
        headline=_headline(counts),
        kind=kind,
        kinds=KIND_WORDS,
        months=months,
        pagination=Pagination(page_number(), PAGE_SIZE, total),
        channels=CHANNEL_WORDS,
        works=g.access >= Access.CONTRIBUTOR,
    )


def _headline(counts: Any) -> str:
    if not counts:
        return ""
    total, newest = sum(row.count for row in counts), max(row.newest for row in counts)
    return ngettext(
        "%(num)s success to show, the latest %(when)s.",
        "%(num)s successes to show, the latest %(when)s.",
        total,
        when=formats.relative_day(newest),
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Tell a success; `?idea=` takes over what a rolled-out idea said."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    form = ProofForm(data={"kind": "quick_win", "happened_on": formats.today()})
    asked = request.args.get("idea", "")
    if request.method == "POST":
        if form.validate():
            try:
                proofs.add_proof(actor, program.id, form.draft())
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The success is told."))
                return redirect(url_for(".index", key=program.key), 303)
        start_reading()
    elif asked.isascii() and asked.isdigit() and len(asked) <= 9:
        idea = find_idea(actor, program.id, int(asked))
        form.title.data, form.body.data = idea.title[: proofs.MAX_TITLE], idea.detail[: proofs.MAX_BODY]
        form.channel.data, form.idea_number.data = idea.channel, idea.number
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:proof_id>/edit", methods=["GET", "POST"])
def edit(key: str, proof_id: int) -> ResponseReturnValue:
    """Change a card."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    proof = find_proof(actor, program.id, proof_id, Access.CONTRIBUTOR)
    form = ProofForm(obj=proof, data={"idea_number": _idea_number(proof)})
    if request.method == "POST":
        if form.validate():
            try:
                proofs.change_proof(actor, proof, form.draft(), seen=seen_revision() or -1)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("Saved."))
                return redirect(url_for(".index", key=program.key, _anchor=f"proof-{proof_id}"), 303)
        start_reading()
    return _form_page(program, form, proof_id)


@blueprint.post(f"{AT}/<int:proof_id>/pin")
def pin(key: str, proof_id: int) -> ResponseReturnValue:
    """Pin a card, or (`pinned` empty) no longer."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    proof = find_proof(actor, program.id, proof_id, Access.CONTRIBUTOR)
    draft = replace(draft_of(proof, _idea_number(proof)), is_pinned=bool(request.form.get("pinned")))
    proofs.change_proof(actor, proof, draft, seen=seen_revision() or -1)
    return redirect(url_for(".index", key=program.key, _anchor=f"proof-{proof_id}"), 303)


@blueprint.post(f"{AT}/<int:proof_id>/remove")
def remove(key: str, proof_id: int) -> ResponseReturnValue:
    """Remove a card; asks once."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    proof = find_proof(actor, program.id, proof_id, Access.CONTRIBUTOR)
    if not request.form.get("confirmed"):
        return render_template("change/proofs/remove.html", program=program, proof=proof)
    proofs.remove_proof(actor, proof, seen=seen_revision() or -1)
    flash(_("The card is removed."))
    return redirect(url_for(".index", key=program.key), 303)


def _idea_number(proof: Proof) -> int | None:
    return db.session.scalar(db.select(Idea.number).where(Idea.id == proof.idea_id))


def _form_page(program: OpenProgram, form: ProofForm, proof_id: int | None) -> ResponseReturnValue:
    page = render_template("change/proofs/form.html", program=program, form=form, proof_id=proof_id)
    return page, 422 if form.errors else 200
