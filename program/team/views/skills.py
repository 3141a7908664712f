"""Pages of skills: the matrix of people and skills, and what one person can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground.actor import Access
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.formats import current_locale
from program.ground.pages import page_number
from program.people.session import current_actor
from program.planning.opening import open_program
from program.playbooks.skills import Skill, SkillGroup, skills
from program.team import skills as verbs
from program.team.forms.skills import read_levels
from program.team.skill_shape import skill_name
from program.team.skill_words import GROUP_WORDS, LEVEL_WORDS
from program.team.skills import Asked, Known
from program.team.views.tabs import team_tabs

blueprint = Blueprint("skills", __name__)
AT = "/p/<key>/team/skills"
NAMED = 3


def groups() -> list[tuple[str, list[Skill]]]:
    """The skills of each group, under its name."""
    return [
        (str(GROUP_WORDS[group.value]), [skill for skill in skills().values() if skill.group == group])
        for group in SkillGroup
    ]


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """Who can do what, and how well."""
    program = open_program(key)
    level = request.args.get("level", "")
    skill = request.args.get("skill", "")
    asked = Asked(
        query=request.args.get("q", "")[:200],
        skill=skill if skill in skills() else "",
        level=int(level) if level in ("1", "2", "3") else 1,
    )
    known, people, silent = verbs.known_skills(program.id)
    rows, pagination = verbs.people_with_skills(program.id, asked, page_number())
    reader = current_actor().person_id
    return render_template(
        "team/skills/show.html",
        program=program,
        tabs=team_tabs(program),
        groups=groups(),
        rows=rows,
        known=known,
        people=people,
        headline=_headline(known, people, silent),
        asked=asked,
        skill_choices=[(skill.key, skill.name.in_(current_locale())) for skill in skills().values()],
        pagination=pagination,
        words=LEVEL_WORDS,
        locale=current_locale(),
        reader=reader,
        may_edit=g.access >= Access.CONTRIBUTOR,
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/people/<int:person_id>", methods=["GET", "POST"])
def edit(key: str, person_id: int) -> ResponseReturnValue:
    """Say what somebody can do: oneself, or as a manager anybody of the team."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    if person_id != actor.person_id and g.access < Access.MANAGER:
        raise Forbidden(_("Each person says what they can do; for others it takes a manager of the program."))
    one = verbs.person_skills(program.id, person_id)
    problem, status = "", 200
    typed = dict(one.levels)
    if request.method == "POST":
        levels = read_levels(request.form)
        try:
            changed = verbs.set_skills(actor, program.id, person_id, levels, seen=request.form.get("seen", ""))
        except Invalid as error:
            problem, status = str(error.sentence), 422
        except Conflict as error:
            problem, status = str(error.sentence), 409
        else:
            flash(_("The skills are saved.") if changed else _("Nothing was changed."))
            return redirect(url_for("skills.show", key=program.key), 303)
        typed |= levels
    page = render_template(
        "team/skills/edit.html",
        program=program,
        one=one,
        is_mine=person_id == actor.person_id,
        groups=groups(),
        typed=typed,
        problem=problem,
        # What somebody else has changed since stands beside what was typed.
        differs={key for key, level in typed.items() if one.levels.get(key, 0) != level} if status == 409 else set(),
        words=LEVEL_WORDS,
        locale=current_locale(),
    )
    return page, status


def named(names: Sequence[str]) -> str:
    """The first few of those names, and how many more there are."""
    shown = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return shown
    return ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", len(names) - NAMED, names=shown)


def _headline(known: Mapping[str, Known], people: int, silent: int) -> str:
    if not people:
        return _("Nobody is on the team yet: invite people first.")
    if silent == people:
        return _("Nobody has said yet what they can do.")
    alone = [key for key, one in known.items() if not one.teachers]
    sentences = []
    if alone:
        sentences.append(
            ngettext(
                "One skill could be taught by nobody on the team: %(names)s.",
                "%(num)s skills could be taught by nobody on the team: %(names)s.",
                len(alone),
                names=named([skill_name(key) for key in alone]),
            )
        )
    else:
        sentences.append(_("For every skill there is somebody who could teach it."))
    if silent:
        sentences.append(
            ngettext(
                "%(num)s person has not said yet what they can do.",
                "%(num)s people have not said yet what they can do.",
                silent,
            )
        )
    return " ".join(sentences)
