"""Pages of rituals: all of them with their next meetings, one with its past notes, changing one, who comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import rituals
from program.change.forms.rituals import GuestForm, RitualForm
from program.change.models import Ritual
from program.change.ritual_dates import Meeting
from program.change.ritual_reading import RitualLine, all_rituals, ritual_page
from program.change.ritual_words import KIND_WORDS, MEETING_MARKS, MEETING_WORDS, rhythm_of
from program.change.rituals import find_ritual
from program.change.views.tabs import change_tabs
from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.now import utc_now
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning import comments
from program.planning.forms.items import team
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision, start_reading

blueprint = Blueprint("rituals", __name__)
AT = "/p/<key>/change/rituals"
# Names offered while one types who comes; whoever is not among them is found all the same.
MOST_OFFERED = 200


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All rituals, and what meets in the next four weeks."""
    program = open_program(key)
    lines, coming = all_rituals(program, utc_now())
    return render_template(
        "change/rituals/index.html",
        program=program,
        tabs=change_tabs(program),
        headline=_headline(lines, coming),
        lines=lines,
        coming=coming,
        manages=g.access >= Access.MANAGER,
        works=g.access >= Access.CONTRIBUTOR,
        calendar_url=url_for("calendars.index", program=program.key),
        at=url_for(".show", key=program.key, ritual_id=0)[:-1],
        **words(),
    )


def words() -> dict[str, Any]:
    """The words of meetings for templates."""
    return {"kinds": KIND_WORDS, "rhythm": rhythm_of, "states": MEETING_WORDS, "marks": MEETING_MARKS}


def _headline(lines: Sequence[RitualLine], coming: Sequence[Meeting]) -> str:
    if not lines:
        return ""
    first = lines[0]
    if first.next is None:
        return _("No meeting is ahead.")
    told = [_("Next: %(title)s, %(when)s.", title=first.ritual.title, when=formats.moment(first.next.starts_at))]
    free = sum(1 for one in coming if one.holiday and not one.is_cancelled)
    if free:
        told.append(
            ngettext("%(num)s meeting falls on a public holiday.", "%(num)s meetings fall on a public holiday.", free)
        )
    return " ".join(told)


@blueprint.get(f"{AT}/<int:ritual_id>")
def show(key: str, ritual_id: int) -> ResponseReturnValue:
    """One ritual."""
    program = open_program(key)
    return _page(program, find_ritual(current_actor(), program.id, ritual_id))


def _page(program: OpenProgram, ritual: Ritual, guest: GuestForm | None = None, status: int = 200) -> Any:
    page = ritual_page(program, ritual, utc_now())
    manages = g.access >= Access.MANAGER
    ahead = next((one for one in page.coming if not one.is_cancelled), None)
    organiser = next((one.name for one in page.people if one.id == ritual.organiser_id), None)
    if organiser is None and ritual.organiser_id is not None:
        organiser = db.session.scalar(db.select(Person.name).where(Person.id == ritual.organiser_id))
    html = render_template(
        "change/rituals/show.html",
        program=program,
        ritual=ritual,
        page=page,
        organiser=organiser,
        headline=_("Next: %(when)s.", when=formats.moment(ahead.starts_at)) if ahead else _("No meeting is ahead."),
        guest=guest or GuestForm(formdata=None),
        names=list(comments.members(program.id, MOST_OFFERED).values()) if manages else (),
        manages=manages,
        works=g.access >= Access.CONTRIBUTOR,
        calendar=program.calendar,
        **words(),
    )
    return html, status


@blueprint.post(f"{AT}/usual")
def usual(key: str) -> ResponseReturnValue:
    """Set up the usual five, or those of them that are missing."""
    program = open_program(key, Access.MANAGER)
    added = rituals.set_up_usual(current_actor(), program.id, formats.today(), program.calendar)
    if added:
        count = len(added)
        flash(ngettext("%(num)s ritual is set up.", "%(num)s rituals are set up.", count))
    else:
        flash(_("The usual ones are all there."))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a ritual."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    form = RitualForm(
        data={
            "kind": "other",
            "rhythm": "weekly",
            "every": 1,
            "minutes": 60,
            "starts_at_minute": 9 * 60,
            "first_on": program.calendar.on_or_after(formats.today()),
            "organiser_id": actor.person_id,
        }
    )
    form.offer(team(program.id))
    if request.method == "POST":
        if form.validate():
            try:
                ritual = rituals.add_ritual(actor, program.id, form.draft())
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("The ritual is set up. Say who comes."))
                return redirect(url_for(".show", key=program.key, ritual_id=ritual.id), 303)
        start_reading()
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:ritual_id>/edit", methods=["GET", "POST"])
def edit(key: str, ritual_id: int) -> ResponseReturnValue:
    """Change a ritual; what was held stays as it was."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    ritual = find_ritual(actor, program.id, ritual_id, Access.MANAGER)
    name = db.session.scalar(db.select(Person.name).where(Person.id == ritual.organiser_id)) or ""
    form = RitualForm(obj=ritual)
    form.offer(team(program.id), (ritual.organiser_id, name) if ritual.organiser_id else None)
    if request.method == "POST":
        if form.validate():
            try:
                rituals.change_ritual(actor, ritual, form.draft(), seen=seen_revision() or -1)
            except Invalid as error:
                take_errors(form, error.fields, error.sentence)
            else:
                flash(_("Saved."))
                return redirect(url_for(".show", key=program.key, ritual_id=ritual_id), 303)
        start_reading()
    return _form_page(program, form, ritual_id)


def _form_page(program: OpenProgram, form: RitualForm, ritual_id: int | None) -> ResponseReturnValue:
    page = render_template("change/rituals/form.html", program=program, form=form, ritual_id=ritual_id)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/<int:ritual_id>/remove")
def remove(key: str, ritual_id: int) -> ResponseReturnValue:
    """Remove a ritual that never met; asks once."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    ritual = find_ritual(actor, program.id, ritual_id, Access.MANAGER)
    if not request.form.get("confirmed"):
        return render_template("change/rituals/remove.html", program=program, ritual=ritual)
    rituals.remove_ritual(actor, ritual, seen=seen_revision() or -1)
    flash(_("The ritual is removed."))
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.post(f"{AT}/<int:ritual_id>/people")
def invite(key: str, ritual_id: int) -> ResponseReturnValue:
    """Let somebody come."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    ritual = find_ritual(actor, program.id, ritual_id, Access.MANAGER, lock=True)
    form = GuestForm()
    if form.validate():
        try:
            rituals.invite(actor, ritual, form.name.data or "")
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return redirect(url_for(".show", key=program.key, ritual_id=ritual_id, _anchor="people"), 303)
    start_reading()
    return _page(program, find_ritual(actor, program.id, ritual_id), form, 422)


@blueprint.post(f"{AT}/<int:ritual_id>/people/<int:person_id>/remove")
def uninvite(key: str, ritual_id: int, person_id: int) -> ResponseReturnValue:
    """Somebody no longer comes."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    ritual = find_ritual(actor, program.id, ritual_id, Access.MANAGER)
    rituals.uninvite(actor, ritual, person_id)
    return redirect(url_for(".show", key=program.key, ritual_id=ritual_id, _anchor="people"), 303)
