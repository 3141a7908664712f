"""The page of the clock, for administrators: what is done regularly, how it went, and what is due next."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.clock import reading
from program.people.session import current_actor

blueprint = Blueprint("clock", __name__)


@blueprint.get("/clock")
def show() -> ResponseReturnValue:
    """What the clocks do."""
    page = reading.clock_page(current_actor())
    return render_template("clock/show.html", page=page, headline=_headline(page), labels=_labels(page))


@blueprint.post("/clock")
def do_now() -> ResponseReturnValue:
    """Have something done now instead of when it is due."""
    reading.do_now(current_actor(), request.form.get("tick", ""))
    flash(_("A clock does it within a second or two."))
    return redirect(url_for("clock.show"), 303)


def _headline(page: reading.ClockPage) -> str:
    if not page.clocks:
        return _(
            "No clock runs: nothing goes out and nothing is done on time. Start “milepost serve” or “milepost clock”."
        )
    running = ngettext("%(num)s clock runs.", "%(num)s clocks run.", len(page.clocks))
    if not page.failing:
        return _("%(clocks)s All that is regular went well.", clocks=running)
    wrong = ngettext("%(num)s thing went wrong.", "%(num)s things went wrong.", page.failing)
    return f"{running} {wrong}"


def _labels(page: reading.ClockPage) -> dict[str, str]:
    return {line.name: str(line.label) for line in page.ticks}
