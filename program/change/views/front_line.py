"""The front line's own page, made for a phone: hand in an idea in one line, read what became of one's ideas, answer
invitations to trainings, find help. It works without JavaScript. Members of the program see it too.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import coaching, for_you
from program.change.for_you import MyIdea
from program.change.forms.ideas import HandInForm, OwnIdeaForm
from program.change.front_line import open_front_line
from program.change.idea_lists import alike
from program.change.idea_words import STAGE_MARKS, STAGE_SENTENCES, STAGE_WORDS
from program.change.ideas import (
    IdeaDraft,
    change_own,
    find_idea,
    hand_in,
    mark_news_seen,
    support,
    withdraw,
)
from program.change.models.ideas import Stage
from program.change.proofs import newest_proofs
from program.change.views.days import day_words
from program.ground.errors import Forbidden, Invalid
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.item_words import CHANNEL_WORDS
from program.planning.opening import OpenProgram
from program.planning.views.items import seen_revision, start_reading

blueprint = Blueprint("front_line", __name__)
AT = "/p/<key>/for-you"
# The view that takes an answer to an invitation, where the pages of trainings are there.
ANSWER = "training.answer"


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """The page."""
    return _page(open_front_line(key))


def _page(program: OpenProgram, form: HandInForm | None = None, status: int = 200, **more: Any) -> ResponseReturnValue:
    person_id = current_actor().person_id
    mine = for_you.my_ideas(program.id, person_id)
    trainings = for_you.my_trainings(program.id, person_id, utc_now())
    groups = for_you.my_groups(program.id, person_id)
    html = render_template(
        "change/front_line/show.html",
        program=program,
        form=form or HandInForm(formdata=None),
        headline=_headline(mine, sum(1 for one in trainings if one.state == "invited")),
        news=sum(one.news for one in mine),
        mine=mine,
        others=for_you.other_ideas(program.id, person_id),
        trainings=trainings,
        coachings=coaching.own(program.id, person_id),
        may_answer=ANSWER in current_app.view_functions,
        groups=groups,
        aids=for_you.aids(program.id, sorted({group.channel for group in groups if group.channel})),
        proofs=newest_proofs(program.id),
        stages=STAGE_WORDS,
        marks=STAGE_MARKS,
        sentences=STAGE_SENTENCES,
        channels=CHANNEL_WORDS,
        is_member=g.access is not None,
        on_day=day_words(program.timezone),
        **{"alike": (), **more},
    )
    return html, status


def _headline(mine: list[MyIdea], invited: int) -> str:
    """What is new for the reader, in a sentence or two."""
    news = sum(1 for one in mine if one.news)
    told = []
    if news:
        told.append(
            ngettext("There is news of %(num)s of your ideas.", "There is news of %(num)s of your ideas.", news)
            if len(mine) > 1
            else _("There is news of your idea.")
        )
    if invited:
        told.append(
            ngettext(
                "%(num)s invitation to a training waits for your answer.",
                "%(num)s invitations to a training wait for your answer.",
                invited,
            )
        )
    return " ".join(told) or _("What would make your work or a customer's day easier? One line is enough.")


@blueprint.post(f"{AT}/ideas")
def send(key: str) -> ResponseReturnValue:
    """Hand an idea in. Where others sound like it, the page shows them first, once: supporting beats repeating."""
    program = open_front_line(key)
    form = HandInForm()
    if form.validate():
        title = clean_line(form.title.data or "")
        found = () if form.looked.data else alike(program.id, title)
        if found:
            start_reading()
            form.looked.data = "1"
            return _page(program, form, alike=found)
        draft = IdeaDraft(title, form.detail.data or "", form.channel.data or "", named=not form.nameless.data)
        try:
            hand_in(current_actor(), program.id, draft)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            if draft.named:
                flash(_("Thank you. You read here what becomes of your idea."))
            else:
                # Not a word that stays in the browser: whoever looks over the shoulder sees the page as it was.
                flash(_("Thank you."))
            return redirect(url_for(".show", key=program.key), 303)
    start_reading()
    return _page(program, form, 422)


@blueprint.get(f"{AT}/alike")
def similar(key: str) -> ResponseReturnValue:
    """Ideas like the one that is being typed, as a part of the page."""
    program = open_front_line(key)
    return render_template(
        "change/front_line/alike.html",
        program=program,
        alike=alike(program.id, clean_line(request.args.get("title", "")[:200])),
        stages=STAGE_WORDS,
        marks=STAGE_MARKS,
    )


@blueprint.post(f"{AT}/ideas/<int:number>/support")
def back(key: str, number: int) -> ResponseReturnValue:
    """'I have this too', or (`wanted` empty) no longer."""
    program = open_front_line(key)
    actor = current_actor()
    wanted = bool(request.form.get("wanted"))
    if support(actor, find_idea(actor, program.id, number), wanted=wanted) and wanted:
        flash(_("Counted: you have this too."))
    return redirect(url_for(".show", key=program.key, _anchor="others"), 303)


@blueprint.route(f"{AT}/ideas/<int:number>/edit", methods=["GET", "POST"])
def edit(key: str, number: int) -> ResponseReturnValue:
    """Put one's own idea in other words while nobody has answered it."""
    program = open_front_line(key)
    actor = current_actor()
    posted = request.method == "POST"
    idea = find_idea(actor, program.id, number, lock=posted)
    if idea.proposer_id is None or idea.proposer_id != actor.person_id:
        raise Forbidden(_("Only whoever handed an idea in can change or withdraw it."))
    form = OwnIdeaForm(
        data={"title": idea.title, "detail": idea.detail, "channel": idea.channel, "revision": idea.revision}
    )
    if posted and form.validate():
        values = {name: form[name].data for name in ("title", "detail", "channel")}
        try:
            change_own(actor, idea, values, seen=form.revision.data)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("Your idea is saved."))
            return redirect(url_for(".show", key=program.key, _anchor=f"idea-{number}"), 303)
    context = {"number": number, "revision": idea.revision, "open": idea.stage == Stage.HEARD, "title": idea.title}
    wrong = bool(form.errors)
    if wrong:
        start_reading()
    return render_template("change/front_line/edit.html", program=program, form=form, **context), 422 if wrong else 200


@blueprint.post(f"{AT}/ideas/<int:number>/withdraw")
def take_back(key: str, number: int) -> ResponseReturnValue:
    """Withdraw one's own idea while nobody has answered it; asks once."""
    program = open_front_line(key)
    actor = current_actor()
    idea = find_idea(actor, program.id, number, lock=True)
    if not request.form.get("confirmed"):
        title, seen = idea.title, idea.revision
        start_reading()
        return render_template(
            "change/front_line/withdraw.html", program=program, title=title, number=number, seen=seen
        )
    withdraw(actor, idea, seen=seen_revision() or -1)
    flash(_("Your idea is withdrawn."))
    return redirect(url_for(".show", key=program.key), 303)


@blueprint.post(f"{AT}/seen")
def seen(key: str) -> ResponseReturnValue:
    """I have read the news of my ideas."""
    program = open_front_line(key)
    mark_news_seen(current_actor(), program.id)
    return redirect(url_for(".show", key=program.key), 303)
