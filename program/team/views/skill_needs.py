"""Pages of what phases need: gaps with who could coach whom, setting the needs, taking them over from the roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.formats import current_locale
from program.people.session import current_actor
from program.planning.opening import open_program
from program.team import skill_needs
from program.team.forms.skills import read_needs
from program.team.skill_gaps import NAMED, PhaseNeeds, by_name, phase_needs
from program.team.skill_needs import fingerprint, fingerprint_of
from program.team.skill_shape import skill_name
from program.team.skill_words import LEVEL_WORDS
from program.team.views.skills import AT, blueprint, groups, named
from program.team.views.tabs import team_tabs


@blueprint.get(f"{AT}/needs")
def needs(key: str) -> ResponseReturnValue:
    """What each phase needs, who is missing, and who could coach whom."""
    program = open_program(key)
    phases, names = phase_needs(program.id, formats.today())
    return render_template(
        "team/skills/needs.html",
        program=program,
        tabs=team_tabs(program),
        phases=phases,
        headline=_headline(phases),
        named=lambda people: by_name(people, names),
        most=NAMED,
        skill_name=skill_name,
        words=LEVEL_WORDS,
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/needs/<int:phase_id>", methods=["GET", "POST"])
def edit_needs(key: str, phase_id: int) -> ResponseReturnValue:
    """Say what a phase needs."""
    program = open_program(key, Access.MANAGER)
    name, present = skill_needs.needs_of(program.id, phase_id)
    typed = {key: (str(need.level), str(need.people)) for key, need in present.items()}
    problems: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        typed = {
            name.removeprefix("people-"): (request.form.get(f"level-{name.removeprefix('people-')}", "")[:9], raw[:9])
            for name, raw in request.form.items()
            if name.startswith("people-")
        }
        try:
            skill_needs.set_needs(
                current_actor(), program.id, phase_id, read_needs(request.form), seen=request.form.get("seen", "")
            )
        except Invalid as error:
            problems, status = error.fields or {"": error.sentence}, 422
        except Conflict as error:
            problems, status = {"": error.sentence}, 409
        else:
            flash(_("The needs of “%(phase)s” are saved.", phase=name))
            return redirect(url_for("skills.needs", key=program.key, _anchor=f"phase-{phase_id}"), 303)
    page = render_template(
        "team/skills/edit_needs.html",
        program=program,
        phase=name,
        groups=groups(),
        typed=typed,
        present=present if status == 409 else {},
        seen=fingerprint(present),
        problems=problems,
        skill_name=skill_name,
        words=LEVEL_WORDS,
        locale=current_locale(),
    )
    return page, status


@blueprint.route(f"{AT}/needs/suggestion", methods=["GET", "POST"])
def suggest(key: str) -> ResponseReturnValue:
    """Take needs over from the skills of the roles: the preview, and doing it."""
    program = open_program(key, Access.MANAGER)
    today = formats.today()
    changed, status = "", 200
    if request.method == "POST":
        try:
            count = skill_needs.take_over(current_actor(), program.id, today, seen=request.form.get("seen", ""))
        except Conflict as error:
            changed, status = str(error.sentence), 409
        else:
            flash(ngettext("%(num)s need is added.", "%(num)s needs are added.", count))
            return redirect(url_for("skills.needs", key=program.key), 303)
    found = skill_needs.suggestion(program.id, today)
    page = render_template(
        "team/skills/suggestion.html",
        program=program,
        found=found,
        count=sum(len(one.needs) for one in found),
        seen=fingerprint_of(found),
        changed=changed,
        skill_name=skill_name,
        words=LEVEL_WORDS,
    )
    return page, status


def _headline(phases: Sequence[PhaseNeeds]) -> str:
    if not phases:
        return _("No phase is running or ahead.")
    if not any(phase.gaps for phase in phases):
        return _("No phase says yet which skills it needs.")
    lacking = [phase for phase in phases if phase.missing]
    if not lacking:
        return _("Every phase has the people it needs.")
    first = lacking[0]
    gaps = [gap for gap in first.gaps if gap.missing]
    sentence = ngettext(
        "“%(phase)s” lacks people for %(num)s skill: %(skills)s.",
        "“%(phase)s” lacks people for %(num)s skills: %(skills)s.",
        len(gaps),
        phase=first.name,
        skills=named([skill_name(gap.need.skill) for gap in gaps]),
    )
    if len(lacking) > 1:
        more = ngettext("%(num)s more phase lacks people.", "%(num)s more phases lack people.", len(lacking) - 1)
        return f"{sentence} {more}"
    return sentence
