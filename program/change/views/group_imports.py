"""Importing groups and people: choose the file, look at the preview, confirm."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.change import group_imports
from program.change.group_imports import KINDS, Preview
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.session import current_actor
from program.planning.imports import find_upload, keep_upload
from program.planning.opening import OpenProgram, open_program
from program.planning.spreadsheets_in import MAX_ROWS
from program.planning.spreadsheets_out import MEDIA_TYPES, SEPARATORS, csv_file, xlsx_file

blueprint = Blueprint("group_imports", __name__)
_AT = "/p/<key>/change/groups/import"
_ONE = f"{_AT}/<any(groups, people):what>/<int:upload_id>"
# Rows with errors that are listed; beyond, they are counted.
MOST_TOLD = 100


@blueprint.get(_AT)
def start(key: str) -> ResponseReturnValue:
    """Choose a file of groups or of people, or fetch an empty one to fill in."""
    program = open_program(key, Access.MANAGER)
    what = request.args.get("what", "groups")
    return _choose(program, what if what in KINDS else "groups")


@blueprint.post(_AT)
def upload(key: str) -> ResponseReturnValue:
    """Read the file and go on to the preview."""
    program = open_program(key, Access.MANAGER)
    what = request.form.get("what", "")
    if what not in KINDS:
        return _choose(program, "groups", _("Say what the file holds.")), 422
    file = request.files.get("file")
    if file is None or not file.filename:
        return _choose(program, what, _("Choose a file first.")), 422
    try:
        kept = keep_upload(current_actor(), program.id, file.filename, file.read())
        group_imports.preview(current_actor(), program.id, what, kept)
    except Invalid as error:
        return _choose(program, what, str(error)), 422
    return redirect(url_for(".preview", key=program.key, what=what, upload_id=kept.id), 303)


@blueprint.get(f"{_AT}/<any(groups, people):what>.<any(csv, xlsx):kind>")
def template(key: str, what: str, kind: str) -> ResponseReturnValue:
    """An empty file with the headings in the reader's language."""
    program = open_program(key, Access.MANAGER)
    columns = KINDS[what].columns
    headings = [str(column.heading) for column in columns]
    if kind == "csv":
        file = csv_file(headings, iter(()), SEPARATORS.get(formats.current_locale(), ","))
    else:
        file = xlsx_file(_words(what)[0], headings, [column.width for column in columns], iter(()))
    purpose = _("template")
    name = f"{program.key}-{_words(what)[0].lower()}-{purpose}.{kind}"
    return send_file(file, mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.get(_ONE)
def preview(key: str, what: str, upload_id: int) -> ResponseReturnValue:
    """What would happen, row by row where something is wrong."""
    program = open_program(key, Access.MANAGER)
    kept = find_upload(current_actor(), program.id, upload_id)
    found = group_imports.preview(current_actor(), program.id, what, kept)
    page = render_template(
        "change/groups/import_preview.html",
        program=program,
        upload=kept,
        what=what,
        word=_words(what)[0],
        found=found,
        rows=len(kept.rows) - 1,
        bad_rows=len({problem.row for problem in found.plan.problems}),
        headline=_headline(what, found),
        most=MOST_TOLD,
    )
    return page, 422 if found.plan.problems else 200


@blueprint.post(f"{_ONE}/confirm")
def confirm(key: str, what: str, upload_id: int) -> ResponseReturnValue:
    """Take everything over, or nothing."""
    program = open_program(key, Access.MANAGER)
    kept = find_upload(current_actor(), program.id, upload_id)
    try:
        found = group_imports.confirm(current_actor(), program.id, what, kept, seal=request.form.get("seal", ""))
    except (Conflict, Invalid) as error:
        flash(str(error), "error")
        return redirect(url_for(".preview", key=program.key, what=what, upload_id=upload_id), 303)
    flash(_("The file is imported: %(added)s, %(changed)s.", **_counts(what, found)))
    return redirect(url_for("groups.index", key=program.key), 303)


def _counts(what: str, found: Preview) -> dict[str, str]:
    if what == "groups":
        return {
            "added": ngettext("%(num)s group added", "%(num)s groups added", found.added),
            "changed": ngettext("%(num)s group changed", "%(num)s groups changed", found.changed),
        }
    return {
        "added": ngettext("%(num)s place in a group added", "%(num)s places in groups added", found.added),
        "changed": ngettext("%(num)s place changed", "%(num)s places changed", found.changed),
    }


def _headline(what: str, found: Preview) -> str:
    bad = len({problem.row for problem in found.plan.problems})
    if bad:
        return ngettext(
            "%(shown)s row cannot be taken over, so nothing can. Correct it in the file and choose it again.",
            "%(shown)s rows cannot be taken over, so nothing can. Correct them in the file and choose it again.",
            bad,
            shown=formats.number(bad),
        )
    if found.is_nothing:
        return _("There is nothing to change: everything is like the file.")
    said = _("This will happen: %(added)s, %(changed)s.", **_counts(what, found))
    if found.accounts:
        new = ngettext(
            "%(num)s person gets an account without a password; nobody is mailed.",
            "%(num)s people get an account without a password; nobody is mailed.",
            found.accounts,
        )
        said = f"{said} {new}"
    return said


def _words(what: str) -> tuple[str, str]:
    return {"groups": (_("Groups"), _("groups")), "people": (_("People"), _("people"))}[what]


def _choose(program: OpenProgram, what: str, problem: str = "") -> str:
    return render_template(
        "change/groups/import.html",
        program=program,
        what=what,
        problem=problem,
        most=formats.number(MAX_ROWS),
        columns={name: [str(column.heading) for column in kind.columns] for name, kind in KINDS.items()},
    )
