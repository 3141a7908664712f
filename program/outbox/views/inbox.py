"""My messages: reading them, marking them as read, and saying how they should reach me."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from program.ground.errors import Invalid, NotFound
from program.ground.pages import Pagination, page_number
from program.outbox import inbox, transports, wishes
from program.outbox.forms import PreferencesForm
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor

blueprint = Blueprint("messages", __name__)


@blueprint.get("/messages")
def show() -> ResponseReturnValue:
    """What was said to me, the newest first."""
    only_new = request.args.get("show") == "new"
    found = inbox.inbox(current_actor(), page_number(), only_new=only_new)
    return render_template(
        "outbox/inbox.html",
        inbox=found,
        headline=_headline(found),
        only_new=only_new,
        pagination=Pagination(page_number(), inbox.PAGE_SIZE, found.total),
    )


@blueprint.post("/messages")
def act() -> ResponseReturnValue:
    """One form serves all entries: `open`, `read` or `new` names a message, `all` stands for every one."""
    actor = current_actor()
    for name in ("open", "read", "new"):
        raw = request.form.get(name)
        if raw is None:
            continue
        if not re.fullmatch("[0-9]{1,9}", raw):
            raise NotFound(NOT_HERE)
        if name == "open":
            path = inbox.open_entry(actor, int(raw))
            return redirect(path or url_for("messages.show"), 303)
        if name == "read":
            inbox.mark_read(actor, [int(raw)])
        else:
            inbox.mark_new(actor, int(raw))
        return _back()
    number = inbox.mark_read(actor)
    flash(ngettext("%(num)s message is marked as read.", "%(num)s messages are marked as read.", number))
    return _back()


@blueprint.get("/messages/preferences")
def preferences() -> ResponseReturnValue:
    """How messages reach me."""
    ways = _ways()
    chosen = wishes.of(current_actor())
    return _page(PreferencesForm(ways, formdata=None, data=PreferencesForm.data_of(chosen, ways)), ways)


@blueprint.post("/messages/preferences")
def change_preferences() -> ResponseReturnValue:
    """Keep how I want to be reached."""
    ways = _ways()
    form = PreferencesForm(ways)
    if form.validate():
        actor = current_actor()
        try:
            wishes.change(actor, form.wishes(wishes.of(actor)), seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Your preferences are saved."))
            return redirect(url_for("messages.preferences"), 303)
    return _page(form, ways), 422


def _page(form: PreferencesForm, ways: dict[str, str]) -> str:
    return render_template("outbox/preferences.html", form=form, ways=ways, zone=current_user.timezone)


def _ways() -> dict[str, str]:
    return {name: str(way.label) for name, way in transports.all_of(current_app).items()}


def _back() -> ResponseReturnValue:
    only_new = request.form.get("show") == "new"
    return redirect(url_for("messages.show", show="new" if only_new else None), 303)


def _headline(found: inbox.Inbox) -> str:
    if not found.new:
        return _("You have read everything.") if found.total else _("Nobody has told you anything yet.")
    return ngettext(
        "There is %(num)s message that you have not read.",
        "There are %(num)s messages that you have not read.",
        found.new,
    )
