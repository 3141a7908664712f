"""Small pages around KPIs: the program's channels, and closing periods."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid
from program.kpis.channels import add_channel, all_channels, retire_channel
from program.kpis.forms.setup import ChannelForm, ClosingForm
from program.kpis.models import Every
from program.kpis.periods import QUARTERS_BEGIN, last_day, last_over
from program.kpis.readings import close_until, settled_until
from program.kpis.words import channel_name
from program.kpis.years import set_year, year_begins
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.fields import choice
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision

blueprint = Blueprint("kpi_frames", __name__)
AT = "/p/<key>/kpis/setup"


@blueprint.route(f"{AT}/channels", methods=["GET", "POST"])
def channels(key: str) -> ResponseReturnValue:
    """The channels in which customers reach the company."""
    program = open_program(key, Access.MANAGER)
    rows = all_channels(program.id)
    there = {row.key for row in rows}
    form = ChannelForm()
    form.key.choices = [
        choice("", _("Choose one")),
        *(choice(k, w) for k, w in CHANNEL_WORDS.items() if k not in there),
    ]
    if request.method == "POST" and form.validate():
        try:
            channel = add_channel(current_actor(), program.id, form.key.data or "", form.name.data or "")
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is added.", name=channel_name(channel.key, channel.name)))
            return redirect(url_for(".channels", key=program.key), 303)
    shown = [(row, channel_name(row.key, row.name)) for row in rows]
    page = render_template("kpis/setup/channels.html", program=program, rows=shown, form=form)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/channels/<int:channel_id>/retire")
def drop_channel(key: str, channel_id: int) -> ResponseReturnValue:
    """No longer offer a channel."""
    program = open_program(key, Access.MANAGER)
    seen = seen_revision()
    row = retire_channel(current_actor(), program.id, channel_id, seen=-1 if seen is None else seen)
    name = channel_name(row.key, row.name)
    flash(_("“%(name)s” is no longer offered. What was read in it is kept.", name=name))
    return redirect(url_for(".channels", key=program.key), 303)


@blueprint.route(f"{AT}/closing", methods=["GET", "POST"])
def closing(key: str) -> ResponseReturnValue:
    """Settle figures up to a day, or open them again."""
    program = open_program(key, Access.MANAGER)
    until = settled_until(program.id)
    form = ClosingForm()
    if request.method == "POST" and form.validate():
        day = None if request.form.get("open") else form.until.data
        if day is None and not request.form.get("open"):
            form.until.errors = [_("Give the last day that is settled.")]
        else:
            try:
                close_until(current_actor(), program.id, day, seen=_day(form.seen.data))
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(
                    _("Figures are settled up to %(day)s.", day=formats.day(day)) if day else _("All periods are open.")
                )
                return redirect(url_for("kpi_setup.index", key=program.key), 303)
    elif request.method == "GET":
        form.until.data = until or last_day(Every.WEEK, last_over(Every.WEEK, formats.today()))
        form.seen.data = until.isoformat() if until else ""
    return _closing(program, form, until)


@blueprint.post(f"{AT}/year")
def year(key: str) -> ResponseReturnValue:
    """Say with which month the company's year begins."""
    program = open_program(key, Access.MANAGER)
    begins, seen = (request.form.get(name, "") for name in ("begins", "seen"))
    try:
        set_year(current_actor(), program.id, _month(begins), seen=_month(seen))
        flash(_("Quarters are named by that year from now on."))
    except Invalid as error:
        flash(str(error.fields.get("begins", error.sentence)), "error")
    return redirect(url_for(".closing", key=program.key), 303)


def _month(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) <= 2 else 0


def _closing(program: OpenProgram, form: ClosingForm, until: date | None) -> ResponseReturnValue:
    months = [(month, formats.month(date(2026, month, 1))) for month in QUARTERS_BEGIN]
    begins = year_begins(program.id)
    page = render_template(
        "kpis/setup/closing.html", program=program, form=form, until=until, months=months, begins=begins
    )
    return page, 422 if form.errors else 200


def _day(raw: str | None) -> date | None:
    """The day the page showed; what is none is a day that nothing was ever closed at."""
    if not raw:
        return None
    try:
        return min(max(date.fromisoformat(raw), FIRST_DAY), LAST_DAY)
    except ValueError:
        return LAST_DAY
