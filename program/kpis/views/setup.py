"""Pages for defining KPIs: all of them, taking over from the catalogue, adding, changing and retiring one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.kpis.catalogue import entries
from program.kpis.channels import all_channels
from program.kpis.definitions import (
    add_kpi,
    adopt,
    change_kpi,
    channels_of,
    find_kpi,
    restore,
    retire,
    wanted_codes,
)
from program.kpis.forms.setup import KpiForm
from program.kpis.models import Kpi
from program.kpis.setup_lists import defined, headline
from program.kpis.standings import kpi_rows
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import EVERY_WORDS, advice, channel_name, formula, kpi_name, meaning
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.comments import members
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision

blueprint = Blueprint("kpi_setup", __name__)
AT = "/p/<key>/kpis/setup"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All KPIs of the program, and what the catalogue has beyond them."""
    program = open_program(key)
    found = defined(program.id)
    is_manager = g.access >= Access.MANAGER
    known = {kpi.code for kpi in found}
    locale = formats.current_locale()
    return render_template(
        "kpis/setup/index.html",
        program=program,
        tabs=kpi_tabs(program),
        headline=headline(found),
        active=[kpi for kpi in found if kpi.is_active],
        retired=[kpi for kpi in found if not kpi.is_active],
        wanted=wanted_codes(program.id) if is_manager else [],
        more=[(entry.code, entry.name.in_(locale), entry.meaning.in_(locale)) for entry in entries().values()]
        if is_manager
        else [],
        known=known,
        every_words=EVERY_WORDS,
        is_manager=is_manager,
    )


@blueprint.post(f"{AT}/adopt")
def take_over(key: str) -> ResponseReturnValue:
    """Take KPIs over from the catalogue."""
    program = open_program(key, Access.MANAGER)
    codes = request.form.getlist("code")
    try:
        found = adopt(current_actor(), program.id, codes)
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(
            ngettext(
                "%(num)s KPI is taken over. Give it an owner and a baseline.",
                "%(num)s KPIs are taken over. Give each an owner and a baseline.",
                len(found),
            )
            if found
            else _("Choose at least one KPI.")
        )
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add an own KPI."""
    program = open_program(key, Access.MANAGER)
    form = _form(program, None)
    if request.method == "POST" and form.validate():
        try:
            kpi = add_kpi(current_actor(), program.id, form.values(), form.channels.data or [])
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is added. Say what it is held against.", name=kpi_name(kpi)))
            return redirect(url_for("kpi_goals.show", key=program.key, kpi_id=kpi.id), 303)
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:kpi_id>", methods=["GET", "POST"])
def edit(key: str, kpi_id: int) -> ResponseReturnValue:
    """Change a KPI."""
    program = open_program(key, Access.MANAGER)
    kpi = find_kpi(current_actor(), program.id, kpi_id, Access.MANAGER)
    form = _form(program, kpi)
    if request.method == "GET":
        form.begin(kpi, channels_of(kpi.id))
    elif form.validate():
        try:
            seen = form.revision.data
            channels = form.channels.data or []
            change_kpi(current_actor(), kpi, form.values(), channels, seen=-1 if seen is None else seen)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is saved.", name=kpi_name(kpi)))
            return redirect(url_for(".index", key=program.key, _anchor=f"kpi-{kpi.id}"), 303)
    return _form_page(program, form, kpi)


def _form(program: OpenProgram, kpi: Kpi | None) -> KpiForm:
    form = KpiForm()
    others = [row for row in kpi_rows(program.id).values() if kpi is None or row.id != kpi.id]
    people = dict(members(program.id))
    if kpi is not None and {kpi.owner_id, kpi.deputy_id} - {None} - people.keys():
        people |= {row: _("somebody who left") for row in (kpi.owner_id, kpi.deputy_id) if row and row not in people}
    channels = [(row.key, channel_name(row.key, row.name)) for row in all_channels(program.id)]
    if kpi is not None:
        there = {name for name, _word in channels}
        channels += [(name, channel_name(name)) for name in channels_of(kpi.id) if name not in there]
    form.offer(people, others, channels)
    return form


def _form_page(program: OpenProgram, form: KpiForm, kpi: Kpi | None) -> ResponseReturnValue:
    words: dict[str, Any] = {}
    if kpi is not None and kpi.catalogue:
        words = {
            "name": entries()[kpi.catalogue].name.in_(formats.current_locale()),
            "meaning": meaning(kpi),
            "formula": formula(kpi),
            "advice": advice(kpi),
        }
    page = render_template("kpis/setup/form.html", program=program, form=form, kpi=kpi, words=words)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/<int:kpi_id>/retire")
def drop(key: str, kpi_id: int) -> ResponseReturnValue:
    """No longer follow a KPI; asks once."""
    program = open_program(key, Access.MANAGER)
    kpi = find_kpi(current_actor(), program.id, kpi_id, Access.MANAGER)
    if not request.form.get("confirmed"):
        return render_template("kpis/setup/retire.html", program=program, kpi=kpi, name=kpi_name(kpi))
    try:
        retire(current_actor(), kpi, seen=_seen())
    except Invalid as error:
        flash(str(error.sentence), "error")
    else:
        flash(_("“%(name)s” is retired. Its figures are kept, and it can come back.", name=kpi_name(kpi)))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.post(f"{AT}/<int:kpi_id>/restore")
def bring_back(key: str, kpi_id: int) -> ResponseReturnValue:
    """Follow a retired KPI again."""
    program = open_program(key, Access.MANAGER)
    kpi = find_kpi(current_actor(), program.id, kpi_id, Access.MANAGER)
    restore(current_actor(), kpi, seen=_seen())
    flash(_("“%(name)s” is followed again.", name=kpi_name(kpi)))
    return redirect(url_for(".index", key=program.key), 303)


def _seen() -> int:
    found = seen_revision()
    return -1 if found is None else found
