"""The page of one person in a program: their roles, their load, what they own, and handing it over."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.calendar import monday_of
from program.people.session import current_actor
from program.planning.opening import open_program
from program.team.person_page import Teammate, teammate
from program.team.workload import MANY_INITIATIVES, Carrier, workload

blueprint = Blueprint("team_people", __name__)


@blueprint.get("/p/<key>/team/people/<int:person_id>")
def show(key: str, person_id: int) -> ResponseReturnValue:
    """What this person does here."""
    program = open_program(key)
    actor = current_actor()
    today = formats.today()
    found = teammate(actor, program.id, person_id, today)
    carried = workload(actor, program.id, today, monday_of(today), person_id=person_id)
    carrier = carried.carriers[0] if carried.carriers else None
    is_manager = g.access >= Access.MANAGER
    handing_over = None
    if is_manager and "handover.start" in current_app.view_functions:
        handing_over = url_for("handover.start", key=program.key, person=person_id)
    return render_template(
        "team/people/show.html",
        program=program,
        mate=found,
        headline=_headline(found, carrier),
        weeks=carried.weeks,
        day_and_month=formats.day_and_month,
        carrier=carrier,
        most=MANY_INITIATIVES,
        handing_over=handing_over,
        is_manager=is_manager,
    )


def _headline(mate: Teammate, carrier: Carrier | None) -> str:
    """Their roles of today, then what is too much."""
    now = [role.name for role in mate.roles if role.when == "now"]
    parts = []
    if not mate.is_active:
        parts.append(_("The account is closed: %(name)s cannot sign in.", name=mate.name))
    elif now:
        parts.append(
            ngettext(
                "%(roles)s, with %(share)s%% of the week.",
                "%(num)s roles with %(share)s%% of the week together: %(roles)s.",
                len(now),
                roles=", ".join(now),
                share=mate.share_now,
            )
        )
    else:
        parts.append(_("No role in this program today."))
    if carrier and carrier.over:
        worst = max(carrier.over, key=lambda load: load.total)
        parts.append(
            _(
                "Over all programs it is more than a full week, %(share)s%% in %(week)s.",
                share=worst.percent,
                week=formats.week(worst.monday),
            )
        )
    if mate.overdue_items:
        parts.append(ngettext("%(num)s item is overdue.", "%(num)s items are overdue.", mate.overdue_items))
    return " ".join(parts)
