"""Importing a spreadsheet, step by step: choose the file, say what its columns are, look at the preview, confirm."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.session import current_actor
from program.planning import imports, spreadsheets_out
from program.planning.models import ImportUpload
from program.planning.opening import OpenProgram, open_program
from program.planning.sheet_columns import COLUMNS
from program.planning.spreadsheets_in import MAX_ROWS, Sheet

blueprint = Blueprint("imports", __name__)
# Rows with errors that are listed; beyond, they are counted.
MOST_TOLD = 100


@blueprint.get("/p/<key>/checklist/import")
def start(key: str) -> ResponseReturnValue:
    """Choose a file, or fetch an empty one to fill in."""
    return _choose(open_program(key, Access.CONTRIBUTOR))


@blueprint.post("/p/<key>/checklist/import")
def upload(key: str) -> ResponseReturnValue:
    """Read the file and go on to its columns."""
    program = open_program(key, Access.CONTRIBUTOR)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _choose(program, _("Choose a file first.")), 422
    try:
        kept = imports.keep_upload(current_actor(), program.id, file.filename, file.read())
    except Invalid as error:
        return _choose(program, str(error)), 422
    return redirect(url_for(".columns", key=program.key, upload_id=kept.id), 303)


@blueprint.get("/p/<key>/checklist/import/template.<any(csv, xlsx):kind>")
def template(key: str, kind: str) -> ResponseReturnValue:
    """An empty file with the headings in the reader's language."""
    program = open_program(key)
    names = [name for name in spreadsheets_out.ALL if name != "number"]
    headings = [str(COLUMNS[name].heading) for name in names]
    if kind == "csv":
        separator = spreadsheets_out.SEPARATORS.get(formats.current_locale(), ",")
        file = spreadsheets_out.csv_file(headings, iter(()), separator)
    else:
        widths = [COLUMNS[name].width for name in names]
        file = spreadsheets_out.xlsx_file(_("Checklist"), headings, widths, iter(()))
    word = _("template")
    name = f"{program.key}-{word}.{kind}"
    return send_file(file, mimetype=spreadsheets_out.MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.get("/p/<key>/checklist/import/<int:upload_id>")
def columns(key: str, upload_id: int) -> ResponseReturnValue:
    """What each column of the file is: guessed from its heading, to be corrected."""
    program, kept, sheet = _open(key, upload_id)
    return _columns_page(program, kept, sheet, imports.guess_mapping(sheet.headings))


@blueprint.post("/p/<key>/checklist/import/<int:upload_id>")
def preview(key: str, upload_id: int) -> ResponseReturnValue:
    """What would happen, row by row where something is wrong."""
    program, kept, sheet = _open(key, upload_id)
    mapping, day_first = _mapping(sheet), request.form.get("slashes") != "month"
    try:
        plan, seal = imports.plan_import(current_actor(), program.id, program.key, sheet, mapping, day_first=day_first)
    except Invalid as error:
        return _columns_page(program, kept, sheet, mapping, error), 422
    page = render_template(
        "planning/imports/preview.html",
        program=program,
        upload=kept,
        plan=plan,
        seal=seal,
        mapping=mapping,
        slashes="day" if day_first else "month",
        order=imports.order_of_days(sheet, mapping),
        rows=len(sheet.rows),
        bad_rows=len({problem.row for problem in plan.problems}),
        most=MOST_TOLD,
    )
    return page, 422 if plan.problems else 200


@blueprint.post("/p/<key>/checklist/import/<int:upload_id>/confirm")
def confirm(key: str, upload_id: int) -> ResponseReturnValue:
    """Take everything over, or nothing."""
    program, kept, sheet = _open(key, upload_id)
    try:
        result = imports.confirm_import(
            current_actor(),
            program.id,
            program.key,
            kept,
            _mapping(sheet),
            day_first=request.form.get("slashes") != "month",
            seal=request.form.get("seal", ""),
        )
    except (Conflict, Invalid) as error:
        flash(str(error), "error")
        return redirect(url_for(".columns", key=program.key, upload_id=upload_id), 303)
    added = ngettext("%(num)s item added", "%(num)s items added", result.added)
    changed = ngettext("%(num)s item changed", "%(num)s items changed", result.changed)
    flash(
        {  # type: ignore[arg-type]
            "text": _("The file is imported: %(added)s, %(changed)s.", added=added, changed=changed),
            "action": url_for("items.undo", key=program.key, batch=result.batch),
        },
        "undo",
    )
    return redirect(url_for("checklist.show", key=program.key, view="all"), 303)


def _open(key: str, upload_id: int) -> tuple[OpenProgram, ImportUpload, Sheet]:
    program = open_program(key, Access.CONTRIBUTOR)
    kept = imports.find_upload(current_actor(), program.id, upload_id)
    return program, kept, imports.sheet_of(kept)


def _mapping(sheet: Sheet) -> list[str]:
    return [request.form.get(f"column-{index}", "") for index in range(len(sheet.headings))]


def _choose(program: OpenProgram, problem: str = "") -> str:
    most = formats.number(MAX_ROWS)
    return render_template("planning/imports/start.html", program=program, problem=problem, most=most)


def _columns_page(
    program: OpenProgram, kept: ImportUpload, sheet: Sheet, mapping: list[str], error: Invalid | None = None
) -> str:
    separators = {";": _("semicolon"), ",": _("comma"), "\t": _("tab"), "|": _("bar")}
    table: list[dict[str, Any]] = [
        {
            "name": f"column-{index}",
            "heading": heading or _("Column %(number)s", number=index + 1),
            "samples": imports.samples(sheet, index),
            "chosen": mapping[index],
            "error": error.fields.get(f"column-{index}", "") if error else "",
        }
        for index, heading in enumerate(sheet.headings)
    ]
    return render_template(
        "planning/imports/columns.html",
        program=program,
        upload=kept,
        table=table,
        choices=[("", _("Leave it out")), *((column.name, str(column.heading)) for column in COLUMNS.values())],
        order=imports.order_of_days(sheet, mapping),
        notes=sheet.notes,
        separator=separators.get(sheet.notes.get("separator", ""), ""),
        count=len(sheet.rows),
        problems=[str(each) for each in error.fields.values()] if error else [],
    )
