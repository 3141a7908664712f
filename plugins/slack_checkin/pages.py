"""The administrator's pages of Slack: installing the app step by step, who is who, and how messages get on.

No page here speaks to Slack. What somebody matches by hand is looked up by the clock, within a minute.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import Length, Optional, Regexp

from plugins.slack_checkin import people
from plugins.slack_checkin.manifest import manifest
from plugins.slack_checkin.settings import PLUGIN, VARIABLES, Setup, own_setup
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState, Misconfigured, NotFound

PAGE = 50
STATES = {
    LinkState.DONE.value: _l("In Slack"),
    LinkState.FAILED.value: _l("Without Slack"),
    LinkState.WAITING.value: _l("Being looked up"),
    "unknown": _l("Not looked up yet"),
}
MARKS = {
    LinkState.DONE.value: "done",
    LinkState.FAILED.value: "dropped",
    LinkState.WAITING.value: "doing",
    "unknown": "todo",
}
_ACCOUNT = re.compile(r"^\s*([UW][A-Z0-9]{5,20}|[^@\s<>\"]+@[^@\s<>\"]+)\s*$")
blueprint = Blueprint("slack", __name__, template_folder="templates")


class MatchForm(Form):
    """Who a person is in Slack."""

    account = StringField(
        _l("Member ID in Slack, or the e-mail address there"),
        [
            Optional(),
            Length(max=200),
            Regexp(_ACCOUNT, message=_l("A member ID is like U012AB3CD. Or write an e-mail address.")),
        ],
        description=_l(
            "In Slack, open the person’s profile, then the three dots: Copy member ID. Leave this empty to have "
            "Milepost look for the person’s own e-mail address again."
        ),
    )


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """How Slack is set up, what is on its way, and who is who."""
    core.require_administrator()
    setup, problem = _setup()
    connection = Connection(PLUGIN)
    state = request.args.get("state", "") if request.args.get("state") in STATES else ""
    query, page = request.args.get("q", "")[:200], _page_number()
    found, total = core.matched_people(
        connection, people.PERSON, state=state, query=query, limit=PAGE, skip=PAGE * (page - 1)
    )
    counts = core.match_counts(connection, people.PERSON)
    by_socket = _way(setup)
    return render_template(
        "slack_checkin/show.html",
        problem=problem,
        setup=setup,
        missing=_missing(setup),
        variables=VARIABLES,
        by_socket=by_socket,
        manifest=json.dumps(manifest(by_socket=by_socket), ensure_ascii=False, indent=2),
        headline=_headline(setup, counts),
        progress=core.handing_over(PLUGIN),
        people=found,
        total=total,
        counts=counts,
        states=STATES,
        marks=MARKS,
        state=state,
        query=query,
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


@blueprint.get("/progress")
def progress() -> ResponseReturnValue:
    """How messages get on: the part of the page that asks for itself again."""
    core.require_administrator()
    return render_template("slack_checkin/progress.html", progress=core.handing_over(PLUGIN))


@blueprint.get("/people/<int:person_id>")
def person(person_id: int) -> ResponseReturnValue:
    """Who one person is in Slack, to be said by hand."""
    core.require_administrator()
    link = people.known(person_id)
    asked = str((link.base.get("asked") or link.external_id or "") if link and link.base.get("by") == "hand" else "")
    return _person_page(person_id, MatchForm(data={"account": asked}))


@blueprint.post("/people/<int:person_id>")
def match(person_id: int) -> ResponseReturnValue:
    """Keep what was said by hand."""
    core.require_administrator()
    found = _find(person_id)
    form = MatchForm(request.form)
    if not form.validate():
        return _person_page(person_id, form), 422
    asked = (form.account.data or "").strip()
    people.match_by_hand(found, asked)
    core.note_match(found, asked)
    flash(_("Milepost asks Slack about %(name)s within a minute.", name=found.name))
    return redirect(url_for(".show", _anchor="people"), 303)


def _person_page(person_id: int, form: MatchForm) -> str:
    link = people.known(person_id)
    state = link.state.value if link is not None else "unknown"
    return render_template(
        "slack_checkin/person.html",
        person=_find(person_id),
        link=link,
        state=state,
        states=STATES,
        marks=MARKS,
        form=form,
    )


def _find(person_id: int) -> Any:
    found = core.find_people([person_id]).get(person_id)
    if found is None:
        raise NotFound(_("There is nothing here."))
    return found


def _setup() -> tuple[Setup, str]:
    try:
        return own_setup(), ""
    except Misconfigured as error:
        return Setup(), error.reason


def _way(setup: Setup) -> bool:
    """Whether the steps are those of Socket Mode: as set up, or as the reader asks."""
    asked = request.args.get("way", "")
    return asked == "socket" if asked in ("socket", "http") else setup.by_socket


def _missing(setup: Setup) -> list[str]:
    """Names of what nobody has entered yet."""
    lacking = [] if setup.bot_token else [_("bot token")]
    if not setup.by_socket and not setup.signing_secret:
        lacking.append(_("signing secret, or the app-level token of Socket Mode"))
    return lacking


def _headline(setup: Setup, counts: dict[str, int]) -> str:
    lacking = _missing(setup)
    if lacking:
        return _("Still to be entered: %(what)s.", what=", ".join(lacking))
    there, everybody = counts.get(LinkState.DONE.value, 0), sum(counts.values())
    unknown = counts.get("unknown", 0) + counts.get(LinkState.WAITING.value, 0)
    said = _(
        "Found in Slack: %(found)s of %(total)s people.",
        found=core.number_in_words(there),
        total=core.number_in_words(everybody),
    )
    if unknown:
        more = _("Still being looked up: %(count)s.", count=core.number_in_words(unknown))
        said = f"{said} {more}"
    return said


def _page_number() -> int:
    asked = request.args.get("page", "")
    return max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
