"""The calendar feeds: the file that calendar programs read, and the page on which a person makes and revokes addresses.

The file is open to whoever holds its address; see `calendar_feeds.py`. Logs hold the pattern of an address and never
the token in it (`ground/requests.py`).
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext, refresh

from program.change import calendar_feeds
from program.change.calendar_entries import Addresses, entries, name_of, programs_of
from program.change.calendar_feeds import find_feed, my_feeds
from program.ground.calendar_file import calendar_file
from program.ground.pages import public
from program.people.session import current_actor
from program.planning.mine import for_switcher
from program.planning.opening import find_program

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/calendar/<token>.ics")
@public
def read(token: str) -> ResponseReturnValue:
    """The dates behind an address, as an iCalendar file.

    What is in it can vanish without a trace (access that was lost), so it has no date of its own to be asked for: a
    calendar program learns from the ETag whether anything is new.
    """
    feed = find_feed(token)
    # In the language of whoever it belongs to; nobody is signed in here.
    g.locale, g.timezone = feed.locale, feed.timezone
    refresh()
    programs = programs_of(feed)
    base = current_app.config["MILEPOST"].base_url.rstrip("/")
    at = Addresses(base, urlsplit(base).hostname or "milepost")
    body = calendar_file(name_of(feed, programs), entries(feed, programs, at))
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="milepost.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return response.make_conditional(request)


@blueprint.get("/me/calendars")
def index() -> ResponseReturnValue:
    """My addresses, and making one; `?program=` chooses the program beforehand."""
    return _page()


@blueprint.post("/me/calendars")
def create() -> ResponseReturnValue:
    """Make an address for all that is mine, or (`program`, a key) for one program, and show it, once."""
    actor = current_actor()
    key = request.form.get("program", "")
    program_id = find_program(actor, key).id if key else None
    _feed, token = calendar_feeds.make_feed(actor, program_id)
    return _page(token)


@blueprint.post("/me/calendars/<int:feed_id>/renew")
def renew(feed_id: int) -> ResponseReturnValue:
    """Close an address and show another one for the same dates."""
    _feed, token = calendar_feeds.renew_feed(current_actor(), feed_id)
    return _page(token)


@blueprint.post("/me/calendars/<int:feed_id>/revoke")
def revoke(feed_id: int) -> ResponseReturnValue:
    """Close an address for good; asks once."""
    if not request.form.get("confirmed"):
        return render_template("change/calendars/revoke.html", feed_id=feed_id)
    calendar_feeds.revoke_feed(current_actor(), feed_id)
    flash(_("The address is closed. Calendars that read it find nothing any more."))
    return redirect(url_for(".index"), 303)


def _page(token: str | None = None) -> Any:
    feeds = my_feeds(current_actor().person_id)
    address = None
    if token is not None:
        base = current_app.config["MILEPOST"].base_url.rstrip("/")
        address = base + current_app.url_map.bind("").build("calendars.read", {"token": token})
    count = len(feeds)
    headline = (
        ngettext("%(num)s address is open.", "%(num)s addresses are open.", count)
        if count
        else _("Milepost's dates can stand in the calendar you already use.")
    )
    return render_template(
        "change/calendars/index.html",
        feeds=feeds,
        headline=headline,
        address=address,
        programs=for_switcher(),
        chosen=request.values.get("program", "").upper(),
        # What opens the computer's own calendar program.
        subscribe="webcal://" + address.split("://", 1)[1] if address else None,
    )
