"""Ideas, for the team: the board and the list, one idea with its steps, who looks after it, the item it becomes.

Handing one in, supporting one and reading its news is the front line's page (`front_line.py`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change.forms.ideas import ItemForm, OrganiseForm, StepForm
from program.change.idea_lists import (
    ON_BOARD,
    PAGE_SIZE,
    Waiting,
    board,
    days_waiting,
    list_page,
    read_filter,
    stage_counts,
    waiting,
)
from program.change.idea_page import idea_page
from program.change.idea_words import STAGE_MARKS, STAGE_WORDS, VERDICT_MARKS, VERDICT_WORDS
from program.change.ideas import become_item, find_idea, organise, support, take_step
from program.change.models.ideas import Stage
from program.change.views.days import day_of, day_words
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.ground.pages import Pagination, page_number, safe_next
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.forms.items import team
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import start_reading

blueprint = Blueprint("ideas", __name__)
AT = "/p/<key>/change/ideas"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All ideas, as a board by stage or (`?view=list`) as a list."""
    program = open_program(key)
    reader_id = current_actor().person_id
    wanted = read_filter(request.args)
    as_list = request.args.get("view") == "list"
    counts = stage_counts(program.id, wanted, reader_id)
    shown = {wanted.stage: counts.get(wanted.stage, 0)} if wanted.stage else counts
    waits = waiting(program.id)
    view = {"view": "list"} if as_list else {}
    return render_template(
        "change/ideas/index.html",
        program=program,
        tabs=change_tabs(program),
        headline=_headline(waits, program),
        usual=_usual_wait(waits),
        wanted=wanted,
        as_list=as_list,
        counts=counts,
        rows=list_page(program.id, wanted, reader_id, page_number()) if as_list else (),
        board={} if as_list else board(program.id, wanted, reader_id),
        on_board=ON_BOARD,
        pagination=Pagination(page_number(), PAGE_SIZE, sum(shown.values())),
        stages=STAGE_WORDS,
        marks=STAGE_MARKS,
        channels=CHANNEL_WORDS,
        keep=view,
        other_view=_address(program.key, {**_arguments(), **({} if as_list else {"view": "list"})}),
        list_url=url_for(".index", key=key, view="list"),
        clear_url=_address(program.key, view),
        on_day=day_words(program.timezone),
        at=url_for(".show", key=program.key, number=0)[:-1],
    )


def _address(key: str, arguments: dict[str, Any]) -> str:
    return url_for(".index", key=key, **arguments)


def _arguments() -> dict[str, str]:
    return {name: value for name in ("q", "stage", "channel", "owner") if (value := request.args.get(name))}


def _headline(waits: Waiting, program: OpenProgram) -> str:
    if not waits.count or waits.oldest is None:
        return _("Every idea has had an answer.") if waits.median_days is not None else ""
    oldest = days_waiting(day_of(waits.oldest, program.timezone), formats.today())
    if not oldest:
        return ngettext(
            "%(num)s idea, handed in today, waits for an answer.",
            "%(num)s ideas, all handed in today, wait for an answer.",
            waits.count,
        )
    days = ngettext("%(num)s day", "%(num)s days", oldest)
    return ngettext(
        "%(num)s idea waits for an answer, for %(days)s.",
        "%(num)s ideas wait for an answer, the oldest for %(days)s.",
        waits.count,
        days=days,
    )


def _usual_wait(waits: Waiting) -> str:
    if waits.median_days is None:
        return ""
    days = round(waits.median_days)
    if days < 1:
        return _("Half of the ideas have their first answer within a day.")
    return ngettext(
        "Half of the ideas have their first answer within %(num)s day.",
        "Half of the ideas have their first answer within %(num)s days.",
        days,
    )


@blueprint.get(f"{AT}/<int:number>")
def show(key: str, number: int) -> ResponseReturnValue:
    """One idea."""
    return _page(open_program(key), number)


def _page(program: OpenProgram, number: int, status: int = 200, **forms: Any) -> ResponseReturnValue:
    actor = current_actor()
    page = idea_page(program.id, number, actor.person_id)
    idea = page.idea
    works = g.access >= Access.CONTRIBUTOR
    more: dict[str, Any] = {}
    if works:
        step_form = forms.get("step_form") or StepForm(
            formdata=None, data={"stage": _next_stage(idea.stage), "revision": idea.revision}
        )
        organise_form = forms.get("organise_form") or OrganiseForm(
            formdata=None, data={"owner_id": idea.owner_id, "channel": idea.channel, "revision": idea.revision}
        )
        organise_form.offer(team(program.id), (idea.owner_id, idea.owner) if idea.owner_id else None)
        more = {"step_form": step_form, "organise_form": organise_form}
    html = render_template(
        "change/ideas/show.html",
        program=program,
        tabs=change_tabs(program),
        page=page,
        idea=idea,
        works=works,
        own=idea.proposer_id is not None and idea.proposer_id == actor.person_id,
        headline=_standing(idea, page.steps, program),
        stages=STAGE_WORDS,
        marks=STAGE_MARKS,
        verdicts=VERDICT_WORDS,
        verdict_marks=VERDICT_MARKS,
        channel=CHANNEL_WORDS.get(idea.channel, ""),
        on_day=day_words(program.timezone),
        **more,
    )
    return html, status


def _next_stage(stage: str) -> str:
    order = [each.value for each in Stage]
    return stage if stage in (Stage.ROLLED_OUT, Stage.DECLINED) else order[order.index(stage) + 1]


def _standing(idea: Any, steps: Any, program: OpenProgram) -> str:
    """How the idea stands, in a sentence."""
    today = formats.today()
    if not steps and idea.stage == Stage.HEARD:
        days = days_waiting(day_of(idea.created_at, program.timezone), today)
        if days == 0:
            return _("Handed in today; nobody has answered it yet.")
        return ngettext(
            "It has waited for an answer for %(num)s day.", "It has waited for an answer for %(num)s days.", days
        )
    if idea.stage == Stage.DECLINED:
        return _("Declined: %(reason)s", reason=next((one.note for one in reversed(steps) if one.note), ""))
    day = formats.day(day_of(idea.stage_since, program.timezone))
    if idea.stage == Stage.ROLLED_OUT:
        return _("Rolled out on %(day)s.", day=day)
    return _("%(stage)s since %(day)s.", stage=STAGE_WORDS[idea.stage], day=day)


@blueprint.post(f"{AT}/<int:number>/step")
def step(key: str, number: int) -> ResponseReturnValue:
    """Bring the idea to a stage, and tell its proposer."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    idea = find_idea(actor, program.id, number, lock=True)
    form = StepForm()
    if form.validate():
        try:
            take_step(actor, idea, form.stage.data or "", form.note.data or "", seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        except Conflict as error:
            form.form_errors.append(_("%(problem)s This is how it stands now.", problem=error.sentence))
            start_reading()
            form.revision.data = idea_page(program.id, number, actor.person_id).idea.revision
            return _page(program, number, 409, step_form=form)
        else:
            told = idea.proposer_id is not None and idea.proposer_id != actor.person_id
            flash(_("Kept, and whoever had the idea is told.") if told else _("Kept."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    start_reading()
    return _page(program, number, 422, step_form=form)


@blueprint.post(f"{AT}/<int:number>/owner")
def owner(key: str, number: int) -> ResponseReturnValue:
    """Say who looks after the idea, and which channel it is about."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    idea = find_idea(actor, program.id, number, lock=True)
    form = OrganiseForm()
    form.offer(team(program.id), None)
    if form.validate():
        try:
            values = {"owner_id": form.owner_id.data, "channel": form.channel.data}
            organise(actor, idea, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Saved."))
            return redirect(url_for(".show", key=program.key, number=number), 303)
    start_reading()
    return _page(program, number, 422, organise_form=form)


@blueprint.post(f"{AT}/<int:number>/support")
def back(key: str, number: int) -> ResponseReturnValue:
    """'I have this too', or (`wanted` empty) no longer."""
    program = open_program(key)
    actor = current_actor()
    support(actor, find_idea(actor, program.id, number), wanted=bool(request.form.get("wanted")))
    return redirect(safe_next(url_for(".show", key=program.key, number=number)), 303)


@blueprint.route(f"{AT}/<int:number>/item", methods=["GET", "POST"])
def item(key: str, number: int) -> ResponseReturnValue:
    """Make the idea an item of the plan."""
    program = open_program(key, Access.CONTRIBUTOR)
    actor = current_actor()
    posted = request.method == "POST"
    idea = find_idea(actor, program.id, number, lock=posted)
    form = ItemForm(data={"title": idea.title, "owner_id": idea.owner_id, "kind": "task", "revision": idea.revision})
    form.offer(program.id)
    if posted and form.validate():
        try:
            made = become_item(
                actor,
                idea,
                kind=form.kind.data or "",
                title=form.title.data or "",
                owner_id=form.owner_id.data,
                due_on=form.due_on.data,
                seen=form.revision.data,
            )
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Added to the plan: %(title)s", title=made.title))
            return redirect(url_for("items.show", key=program.key, number=made.number), 303)
    title, wrong = idea.title, bool(form.errors)
    if wrong:
        start_reading()
    page = render_template("change/ideas/item.html", program=program, title=title, number=number, form=form)
    return page, 422 if wrong else 200
