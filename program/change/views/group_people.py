"""The page of one group, its people, and its impacts: on the blueprint of the groups."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.change import group_lists, group_members, groups, impacts, limits
from program.change.forms.groups import ImpactForm, MemberForm
from program.change.group_lists import Asked
from program.change.group_words import ASPECT_HELP, ASPECT_WORDS, KIND_WORDS, LEVEL_WORDS
from program.change.models import ImpactedGroup
from program.change.people_here import search, suggestions
from program.change.views.groups import ALL, ONE, asked_for, blueprint, is_manager, removal_text, sort_url
from program.change.views.tabs import change_tabs
from program.extensions import db
from program.ground.actor import Access
from program.ground.errors import Forbidden, Invalid
from program.ground.pages import page_number
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program

_PERSON = f"{ONE}/people/<int:person_id>"


@blueprint.get(ONE)
def show(key: str, group_id: int) -> ResponseReturnValue:
    """One group: what it is, how hard it is hit, who is in it and who helps there."""
    program = open_program(key)
    actor = current_actor()
    group = groups.find_group(actor, program.id, group_id)
    row = group_lists.one_group(actor, program.id, group_id)
    query = request.args.get("q", "")[:100]
    people, pagination = group_members.list_members(actor, group, query, page_number())
    found = impacts.impacts_of([group.id])[group.id]
    return render_template(
        "change/groups/show.html",
        program=program,
        tabs=change_tabs(program),
        group=group,
        row=row,
        impacts=found,
        overall=impacts.overall(found),
        limits=limits.limits_of(program.id)[0],
        people=people,
        pagination=pagination,
        query=query,
        linkable=group_members.linkable(actor, people) if is_manager() else set(),
        kinds=KIND_WORDS,
        channels=CHANNEL_WORDS,
        aspects=ASPECT_WORDS,
        levels=LEVEL_WORDS,
        is_manager=is_manager(),
        removal=removal_text(group) if is_manager() else "",
    )


@blueprint.get(f"{ALL}/impact")
def heat(key: str) -> ResponseReturnValue:
    """All groups against the ten aspects: where the change hits hardest."""
    program = open_program(key)
    actor, asked = current_actor(), asked_for()
    if "sort" not in request.args:
        asked = Asked(asked.query, asked.kind, "impact", True, asked.page)
    rows, pagination = group_lists.list_groups(actor, program.id, asked)
    return render_template(
        "change/groups/heat.html",
        program=program,
        tabs=change_tabs(program),
        rows=rows,
        impacts=impacts.impacts_of([row.id for row in rows]),
        total=group_lists.total(actor, program.id),
        pagination=pagination,
        asked=asked,
        kinds=KIND_WORDS,
        aspects=ASPECT_WORDS,
        levels=LEVEL_WORDS,
        sort_url=sort_url,
        is_manager=is_manager(),
    )


@blueprint.route(f"{ONE}/impact", methods=["GET", "POST"])
def impact(key: str, group_id: int) -> ResponseReturnValue:
    """How hard the change hits the group in each of the ten aspects."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    form = ImpactForm()
    if request.method == "GET":
        form.begin(impacts.impacts_of([group.id])[group.id])
        form.revision.data = group.revision
        return _impact_page(program, group, form)
    if form.validate():
        try:
            impacts.set_impacts(current_actor(), group, form.wanted(), seen=form.revision.data or 0)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The impact on “%(name)s” is saved.", name=group.name))
            return redirect(url_for(".show", key=program.key, group_id=group.id), 303)
    return _impact_page(program, group, form), 422


@blueprint.route(f"{ONE}/people/add", methods=["GET", "POST"])
def add_person(key: str, group_id: int) -> ResponseReturnValue:
    """Put somebody into the group: found by name or e-mail, or new."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    form = MemberForm()
    if request.method == "GET":
        form.locale.data = program.locale
        form.who.data = request.args.get("who", "")[:254]
        return _add_page(program, group, form)
    if form.validate():
        try:
            person = group_members.add_member(
                current_actor(),
                group,
                form.who.data or "",
                form.name.data or "",
                locale=form.locale.data,
                belongs=form.belongs.data,
                is_ambassador=form.is_ambassador.data,
                is_super_user=form.is_super_user.data,
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("%(name)s is in the group.", name=person.name))
            return redirect(url_for(".show", key=program.key, group_id=group.id), 303)
    return _add_page(program, group, form), 422


@blueprint.post(_PERSON)
def mark_person(key: str, group_id: int, person_id: int) -> ResponseReturnValue:
    """Say what part somebody plays in the group."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    wanted = {flag: request.form[flag] == "1" for flag in group_members.FLAGS if flag in request.form}
    group_members.mark_member(current_actor(), group, person_id, **wanted)
    flash(_("The group is saved."))
    return _back(program, group)


@blueprint.post(f"{_PERSON}/remove")
def remove_person(key: str, group_id: int, person_id: int) -> ResponseReturnValue:
    """Take somebody out of the group."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    if "confirmed" not in request.form:
        return render_template(
            "people/question.html",
            title=_("Take somebody out of “%(name)s”", name=group.name),
            text=_(
                "They no longer count here. Without access to the program or another group of it, it is closed to them."
            ),
            verb=_("Take out of the group"),
            action=request.path,
            back=url_for(".show", key=program.key, group_id=group.id),
            fields={},
        )
    name = group_members.remove_member(current_actor(), group, person_id)
    flash(_("%(name)s is no longer in the group.", name=name))
    return _back(program, group)


@blueprint.post(f"{_PERSON}/link")
def person_link(key: str, group_id: int, person_id: int) -> ResponseReturnValue:
    """A one-time link with which somebody of the group gets in."""
    program = open_program(key, Access.MANAGER)
    group = groups.find_group(current_actor(), program.id, group_id, Access.MANAGER)
    try:
        link = group_members.new_link(current_actor(), group, person_id)
    except (Forbidden, Invalid) as error:
        flash(str(error), "error")
        return _back(program, group)
    back = url_for(".show", key=program.key, group_id=group.id)
    return render_template("people/new_link.html", person=db.session.get_one(Person, person_id), link=link, back=back)


def _back(program: OpenProgram, group: ImpactedGroup) -> ResponseReturnValue:
    return redirect(url_for(".show", key=program.key, group_id=group.id), 303)


def _impact_page(program: OpenProgram, group: ImpactedGroup, form: ImpactForm) -> str:
    return render_template(
        "change/groups/impact.html",
        program=program,
        group=group,
        form=form,
        aspects=ASPECT_WORDS,
        help=ASPECT_HELP,
        levels=LEVEL_WORDS,
    )


def _add_page(program: OpenProgram, group: ImpactedGroup, form: MemberForm) -> str:
    query = request.args.get("q", "")[:100]
    return render_template(
        "change/groups/add_person.html",
        program=program,
        group=group,
        form=form,
        query=query,
        found=search(program.id, query),
        people=suggestions(program.id),
    )
