"""Changing many items: choose, say what, see what would happen, do it; each step works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.ground.pages import safe_next
from program.people.session import current_actor
from program.planning import bulk
from program.planning.bulk import MAX_ITEMS, BulkResult
from program.planning.forms.bulk import BulkForm
from program.planning.item_filters import read_filter
from program.planning.item_lists import Place, chunks, matching_ids
from program.planning.models import WorkItem
from program.planning.opening import OpenProgram, open_program
from program.planning.views.list_page import People, place_of

blueprint = Blueprint("bulk", __name__)
# Refused items are listed one by one up to this many, then counted.
MOST_TOLD = 50


@blueprint.get("/p/<key>/checklist/bulk")
def back_to_list(key: str) -> ResponseReturnValue:
    """Somebody reloaded the address: there is nothing to show without a selection."""
    return redirect(url_for("checklist.show", key=open_program(key).key))


@blueprint.post("/p/<key>/checklist/bulk")
def start(key: str) -> ResponseReturnValue:
    """One step: `form` asks what to change, `preview` shows what would happen, `apply` does it."""
    program = open_program(key, Access.CONTRIBUTOR)
    place = place_of(program)
    form = BulkForm()
    form.offer(People.of(program.id).team, dict(place.phases))
    step = request.form.get("step", "form")
    if step == "apply":
        return _apply(program, form)
    numbers = _chosen(place)
    if not numbers:
        flash(_("Select at least one item first."), "error")
        return redirect(safe_next(url_for("checklist.show", key=program.key)), 303)
    if len(numbers) > MAX_ITEMS:
        raise Invalid(
            _("Up to %(most)s items can be changed at a time. Narrow the list first.", most=formats.number(MAX_ITEMS))
        )
    if step == "preview" and form.validate():
        try:
            plan = bulk.preview(current_actor(), program.id, numbers, form.change(), program.calendar)
        except Invalid as error:
            place_errors(form, error)
        else:
            seen = ",".join(f"{item.row.number}:{item.row.revision}" for item in plan.changing)
            return render_template(
                "planning/bulk/preview.html", **_shared(program, form, numbers), plan=plan, seen=seen, most=MOST_TOLD
            )
    return render_template("planning/bulk/form.html", **_shared(program, form, numbers)), 422 if form.errors else 200


def _apply(program: OpenProgram, form: BulkForm) -> ResponseReturnValue:
    seen = _seen(request.form.get("seen", ""))
    if not form.validate() or not seen:
        raise Invalid(_("The preview is out of date. Go back to the list and begin again."))
    result = bulk.apply_change(current_actor(), program.id, seen, form.change(), program.calendar)
    if result.batch:
        text = ngettext(
            "%(shown)s item changed.", "%(shown)s items changed.", result.changed, shown=formats.number(result.changed)
        )
        undo = url_for("items.undo", key=program.key, batch=result.batch)
        flash({"text": text, "action": undo}, "undo")  # type: ignore[arg-type]
    if left := _left_alone(program.key, result):
        flash(left, "error")
    return redirect(safe_next(url_for("checklist.show", key=program.key)), 303)


def _left_alone(key: str, result: BulkResult) -> str:
    left = [*result.overtaken, *result.refused]
    if not left:
        return ""
    names = ", ".join(f"{key}-{each.number}" for each in left[:10]) + (" …" if len(left) > 10 else "")
    if result.overtaken:
        return ngettext(
            "%(num)s item was changed by somebody else meanwhile and is left as it is: %(names)s.",
            "%(num)s items were changed by somebody else meanwhile and are left as they are: %(names)s.",
            len(left),
            names=names,
        )
    return ngettext(
        "%(num)s item could not be changed: %(names)s.",
        "%(num)s items could not be changed: %(names)s.",
        len(left),
        names=names,
    )


def place_errors(form: BulkForm, error: Invalid) -> None:
    """Put the verb's reasons beside the fields they speak of."""
    fields = {"owner_id": "owner", "phase_id": "phase"}
    for name, reason in error.fields.items():
        field_name = fields.get(name, name)
        field = form[field_name if field_name in form else "status"]
        field.errors = [*field.errors, str(reason)]
    if not error.fields:
        form.form_errors.append(str(error))


def _chosen(place: Place) -> list[int]:
    """Numbers of the chosen items: those ticked, those carried along, or all that the filter finds (one more than may
    be changed, at most)."""
    if request.form.get("everything"):
        arguments = MultiDict(parse_qsl(request.form.get("all", ""), keep_blank_values=True))
        ids = matching_ids(read_filter(arguments)[0], place, MAX_ITEMS + 1)
        return [
            number
            for part in chunks(ids)
            for number in db.session.scalars(select(WorkItem.number).where(WorkItem.id.in_(part)))
        ]
    raw = [*request.form.getlist("ids"), *request.form.get("numbers", "").split(",")]
    found = (text.strip() for text in raw)
    return sorted({int(text) for text in found if text.isascii() and text.isdigit() and len(text) <= 9})


def _seen(raw: str) -> Mapping[int, int]:
    """Revisions by number, as the preview wrote them; {} for what it did not write."""
    found: dict[int, int] = {}
    for pair in raw.split(",") if raw else ():
        number, _colon, revision = pair.partition(":")
        if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in (number, revision)):
            return {}
        found[int(number)] = int(revision)
    return found


def _shared(program: OpenProgram, form: BulkForm, numbers: list[int]) -> dict[str, object]:
    return {
        "program": program,
        "form": form,
        "numbers": ",".join(map(str, numbers)),
        "count": len(numbers),
        "back": safe_next(url_for("checklist.show", key=program.key)),
        "action": url_for("bulk.start", key=program.key),
    }
