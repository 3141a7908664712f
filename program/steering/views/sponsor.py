"""All programs for a sponsor, today and on any earlier day; and the page of what one program needs of others."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.ground import formats
from program.ground.actor import Access
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.pages import Pagination, page_number
from program.people.forms import take_errors
from program.people.models import Membership
from program.people.session import current_actor
from program.planning.models import Gate, Program
from program.planning.opening import OpenProgram, open_program
from program.planning.portfolio import SIZE, SORTS
from program.planning.views.items import seen_revision
from program.planning.views.portfolio import sort_words
from program.steering import needs
from program.steering.forms.needs import NeedForm
from program.steering.sponsor import portrait
from program.steering.views.progress import read_day

blueprint = Blueprint("sponsor", __name__)
needs_pages = Blueprint("needs", __name__)
AT = "/p/<key>/needs"


@blueprint.get("/portfolio")
def show() -> ResponseReturnValue:
    """All running programs side by side; `on` (a day) shows them as they were."""
    today = formats.today()
    day = read_day(request.args.get("on"))
    past = day if day is not None and day < today else None
    sort = request.args.get("sort", "attention")
    sort = sort if sort in SORTS else "attention"
    page = page_number()
    found = portrait(current_actor(), past or today, today, g.timezone, sort=sort, page=page)
    return render_template(
        "steering/sponsor/show.html",
        page=found,
        past=past,
        sort=sort,
        sorts=sort_words(),
        pagination=Pagination(page, SIZE, found.found.total),
        yesterday=today - timedelta(days=1),
        today=past or today,
    )


@needs_pages.get(AT)
def index(key: str) -> ResponseReturnValue:
    """What the program waits for, what others wait for, and the form for one more."""
    program = open_program(key)
    return _page(program, _form(program) if g.access >= Access.MANAGER else None)


@needs_pages.post(AT)
def create(key: str) -> ResponseReturnValue:
    """Write down what is needed of another program."""
    program = open_program(key, Access.MANAGER)
    form = _form(program)
    if form.validate():
        gate = form.gate.data or ""
        gate_id = int(gate) if gate.isdecimal() and len(gate) <= 9 else None
        try:
            needs.add_need(
                current_actor(), program.id, form.giver.data or "", form.title.data or "", form.needed_on.data, gate_id
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("It is written down. Both programs see it."))
            return redirect(url_for(".index", key=program.key), 303)
    return _page(program, form)


@needs_pages.post(f"{AT}/<int:need_id>/met")
def met(key: str, need_id: int) -> ResponseReturnValue:
    """Say that it is there, or that it is not after all."""
    program = open_program(key, Access.MANAGER)
    wanted = request.form.get("value") == "1"
    needs.set_met(current_actor(), program.id, need_id, wanted, seen=seen_revision() or -1)
    flash(_("It is there.") if wanted else _("It is waited for again."))
    return redirect(url_for(".index", key=program.key), 303)


@needs_pages.post(f"{AT}/<int:need_id>/remove")
def remove(key: str, need_id: int) -> ResponseReturnValue:
    """Take it back; asks once."""
    program = open_program(key, Access.MANAGER)
    if not request.form.get("confirmed"):
        return render_template(
            "steering/sponsor/remove.html", program=program, need_id=need_id, revision=seen_revision() or 0
        )
    needs.remove_need(current_actor(), program.id, need_id, seen=seen_revision() or -1)
    flash(_("It is not waited for any more."))
    return redirect(url_for(".index", key=program.key), 303)


def _form(program: OpenProgram) -> NeedForm:
    """With the reader's other running programs, and the gates of all of them."""
    form = NeedForm()
    actor = current_actor()
    query = (
        select(Program.key, Program.name, Gate.id, Gate.name.label("gate"))
        .outerjoin(Gate, Gate.program_id == Program.id)
        .where(Program.id != program.id, Program.closed_on.is_(None))
        .order_by(Program.name_folded, Program.id, Gate.planned_on, Gate.id)
    )
    if not actor.is_admin:
        mine = select(Membership.program_id).where(Membership.person_id == actor.person_id)
        query = query.where(Program.id.in_(mine))
    rows = read(query).all()
    programs = list(dict.fromkeys((row.key, f"{row.name} ({row.key})") for row in rows))
    form.offer(programs, [(row.id, f"{row.key}: {row.gate}") for row in rows if row.id is not None])
    return form


def _page(program: OpenProgram, form: NeedForm | None) -> ResponseReturnValue:
    actor = current_actor()
    visible = None
    if not actor.is_admin:
        mine = select(Membership.program_id).where(Membership.person_id == actor.person_id)
        visible = {row.program_id for row in read(mine)}
    found = needs.needs_of([program.id], visible, formats.today(), program.timezone)
    page = render_template(
        "steering/sponsor/needs.html",
        program=program,
        form=form,
        waits_for=[one for one in found if one.program_id == program.id],
        brings=[one for one in found if one.giver_id == program.id],
        is_manager=g.access >= Access.MANAGER,
    )
    return page, 422 if form is not None and form.errors else 200
