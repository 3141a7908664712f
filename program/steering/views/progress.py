"""The progress page, today and as it was; a state that a person says; and what changed between two days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.charts.sparkline import sparkline
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import address
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.health import RULES
from program.planning.opening import open_program
from program.steering import states
from program.steering.forms.progress import StateForm
from program.steering.progress import assemble
from program.steering.progress_parts import Progress
from program.steering.progress_words import SECTION_WORDS, SINCE_WORDS, axis, headline, since_line
from program.steering.snapshots import as_it_was, days_before

blueprint = Blueprint("progress", __name__)
AT = "/p/<key>/progress"


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """Where the program stands; `on` (a day) shows the page as it was."""
    program = open_program(key)
    today = formats.today()
    day = read_day(request.args.get("on"))
    if day is None or day >= today:
        found: Progress | None = assemble(program, today)
        day = None
    else:
        found = as_it_was(program.id, day, formats.current_locale())
    if found is None:
        page = render_template(
            "steering/progress/nothing.html",
            program=program,
            day=day,
            days=days_before(program.id, today - timedelta(days=1)),
        )
        return page, 404
    return render_template(
        "steering/progress/show.html",
        program=program,
        past=day,
        yesterday=today - timedelta(days=1),
        is_manager=g.access >= Access.MANAGER,
        links=_links(key),
        **drawn(found),
    )


@blueprint.route(f"{AT}/state", methods=["GET", "POST"])
def say(key: str) -> ResponseReturnValue:
    """Say the state against the rules, with a reason, until a day."""
    program = open_program(key, Access.MANAGER)
    form = StateForm()
    if request.method == "POST" and form.validate():
        try:
            states.say_state(
                current_actor(),
                program.id,
                form.state.data or "",
                form.reason.data or "",
                form.until.data,
                seen=_seen(form.seen.data),
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("It stands on the page until %(day)s, with your reason.", day=formats.day(form.until.data)))
            return redirect(url_for(".show", key=program.key), 303)
    said = states.holding(program.id, formats.today())
    if request.method == "GET":
        form.seen.data = said.id if said else ""
    page = render_template("steering/progress/state.html", program=program, form=form, said=said, rules=RULES)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/state/take-back")
def take_back(key: str) -> ResponseReturnValue:
    """Let the rules speak again."""
    program = open_program(key, Access.MANAGER)
    states.take_back(current_actor(), program.id, seen=_seen(request.form.get("seen")) or -1)
    flash(_("The state follows from the rules again."))
    return redirect(url_for(".show", key=program.key), 303)


def drawn(progress: Progress) -> dict[str, Any]:
    """What the template of the page needs. Days are written as on the day it shows."""
    g.today = progress.day
    index = progress.index
    return {
        "progress": progress,
        "headline": headline(progress),
        "axis": axis(progress),
        "index_line": sparkline(
            tuple(None if value is None else float(value) for value in index.recent),
            _("The Experience Index of the last %(num)s weeks", num=len(index.recent)),
            160,
            40,
        )
        if index
        else "",
        "theme_lines": [sparkline(theme.recent) for theme in progress.pulse.themes] if progress.pulse else [],
        "section_words": SECTION_WORDS,
        "since_words": SINCE_WORDS,
        "since_line": since_line(progress),
        "rules": RULES,
    }


def read_day(text: str | None) -> date | None:
    """A day of an address; None for none or an unreadable one."""
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def _seen(raw: Any) -> int | None:
    text = str(raw or "")
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) <= 9 else -1


def _links(key: str) -> dict[str, str]:
    """Where the parts of the page go on; a page that is not there gets no link."""
    wanted = {
        "phases": "timeline.show",
        "gates": "gates.index",
        "kpis": "kpi_index.show",
        "pulse": "pulse.show",
        "budget": "budget.index",
        "risks": "risks.index",
        "decisions": "decisions.index",
        "successes": "proofs.index",
        "since": "since.show",
        "exports": "exports.index",
        "reports": "status_reports.index",
    }
    key = key.upper()
    return {part: address(name, key) for part, name in wanted.items() if name in current_app.view_functions}
