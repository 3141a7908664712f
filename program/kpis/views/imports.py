"""Importing a file of readings: choose it, say what its columns are, look, send it off, watch it, take it back."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.pages import wants_fragment
from program.kpis import import_undo, imports
from program.kpis.import_columns import CHOICES, LOOKED_AT, Layout
from program.kpis.models import ImportedReading, ImportState, Kpi, ReadingImport
from program.kpis.reading_export import write_readings
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import channel_name, figure
from program.kpis.written_periods import write_period
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.planning.spreadsheets_out import MEDIA_TYPES, SEPARATORS, as_csv_text

blueprint = Blueprint("kpi_imports", __name__)
_AT = "/p/<key>/kpis/import"
_ONE = f"{_AT}/<int:import_id>"
_EXAMPLES, _MOST_TOLD, _FIRST = 3, 100, 12


@blueprint.get(_AT)
def index(key: str) -> ResponseReturnValue:
    """Choose a file; the imports of before."""
    return _start(open_program(key))


@blueprint.post(_AT)
def upload(key: str) -> ResponseReturnValue:
    """Read the file and go on to its columns."""
    program = open_program(key)
    imports.require_importer(current_actor(), program.id)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _start(program, _("Choose a file first.")), 422
    # A long file takes seconds to read; nobody is to wait behind a transaction meanwhile.
    db.session.rollback()
    try:
        found = imports.read_file(file.filename, file.read())
    except Invalid as error:
        return _start(open_program(key), str(error)), 422
    kept = imports.keep_file(current_actor(), program.id, found)
    return redirect(url_for(".columns", key=program.key, import_id=kept.id), 303)


@blueprint.get("/p/<key>/kpis/readings.<any(csv, xlsx):kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """All readings as a file that can be imported again."""
    program = open_program(key)
    file = write_readings(current_actor(), program.id, kind, formats.current_locale())
    subject = _("readings")
    name = f"{program.key}-{subject}.{kind}"
    return send_file(file, mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.get(f"{_ONE}/columns")
def columns(key: str, import_id: int) -> ResponseReturnValue:
    """What each column of the file is: guessed, to be corrected."""
    program, kept = _open(key, import_id)
    if kept.state != ImportState.MAPPING:
        return redirect(url_for(".show", key=program.key, import_id=kept.id))
    return _columns_page(program, kept, imports.layout_of(kept))


@blueprint.post(f"{_ONE}/columns")
def lay_out(key: str, import_id: int) -> ResponseReturnValue:
    """Keep what was said of the columns and go on to the preview."""
    program, kept = _open(key, import_id, lock=True)
    layout = _layout_given(len(imports.headings_of(kept)))
    try:
        imports.lay_out(kept, layout, request.form.get("reason", ""))
    except Invalid as error:
        return _columns_page(program, kept, layout, error.fields), 422
    return redirect(url_for(".show", key=program.key, import_id=kept.id), 303)


@blueprint.get(_ONE)
def show(key: str, import_id: int) -> ResponseReturnValue:
    """The preview of a file that waits for its importer; how far it is; what came of it."""
    program, kept = _open(key, import_id)
    if kept.state == ImportState.MAPPING:
        return _preview_page(program, kept)
    figures = kept.added + kept.changed + kept.unchanged
    template = "kpis/imports/progress.html" if wants_fragment() else "kpis/imports/show.html"
    return render_template(
        template,
        program=program,
        kept=kept,
        is_on_its_way=kept.state in (ImportState.WAITING, ImportState.RUNNING, ImportState.UNDOING),
        can_be_undone=import_undo.can_be_undone(kept),
        problems=kept.problems[:_MOST_TOLD],
        figures=figures,
        share=min(100, kept.rows_done * 100 // max(1, figures if kept.state == ImportState.UNDOING else kept.rows)),
    )


@blueprint.post(f"{_ONE}/send")
def send_off(key: str, import_id: int) -> ResponseReturnValue:
    """Let the clock import it."""
    program, kept = _open(key, import_id, lock=True)
    try:
        imports.send_off(current_actor(), kept)
    except (Conflict, Invalid) as error:
        flash(str(error), "error")
    return redirect(url_for(".show", key=program.key, import_id=kept.id), 303)


@blueprint.post(f"{_ONE}/undo")
def undo(key: str, import_id: int) -> ResponseReturnValue:
    """Have the clock take the import back."""
    program, kept = _open(key, import_id, lock=True)
    try:
        import_undo.ask(current_actor(), kept, request.form.get("reason", ""))
    except (Conflict, Invalid) as error:
        db.session.rollback()
        flash(str(error), "error")
    return redirect(url_for(".show", key=program.key, import_id=import_id), 303)


@blueprint.post(f"{_ONE}/drop")
def drop(key: str, import_id: int) -> ResponseReturnValue:
    """Forget a file that was not sent off, or was refused."""
    program, kept = _open(key, import_id, lock=True)
    try:
        imports.drop(kept)
    except Conflict as error:
        flash(str(error), "error")
    return redirect(url_for(".index", key=program.key), 303)


@blueprint.get(f"{_ONE}/wrong.csv")
def wrong(key: str, import_id: int) -> ResponseReturnValue:
    """The rows that cannot be taken over, as they stand in the file, with the reasons in a column before them."""
    program, kept = _open(key, import_id)
    if kept.state != ImportState.REFUSED or kept.content is None:
        raise NotFound(_("This file is gone. Choose it again."))
    reasons: dict[int, list[str]] = {}
    query = select(ImportedReading.row, ImportedReading.problem).where(
        ImportedReading.import_id == kept.id, ImportedReading.problem != ""
    )
    for row, problem in db.session.execute(query.order_by(ImportedReading.place)):
        reasons.setdefault(row, []).append(problem)
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=SEPARATORS.get(formats.current_locale(), ","), lineterminator="\r\n")
    writer.writerow([_("Row"), _("Reason"), *map(as_csv_text, imports.headings_of(kept))])
    for found in imports.rows_of(kept):
        if found.number in reasons:
            said = " ".join(dict.fromkeys(reasons[found.number]))
            writer.writerow([found.number, as_csv_text(said), *map(as_csv_text, found.cells)])
    text.flush()
    text.detach()
    file.seek(0)
    subject = _("wrong-rows")
    name = f"{program.key}-{subject}.csv"
    return send_file(file, mimetype=MEDIA_TYPES["csv"], as_attachment=True, download_name=name)


def _open(key: str, import_id: int, *, lock: bool = False) -> tuple[OpenProgram, ReadingImport]:
    program = open_program(key)
    return program, imports.find_import(current_actor(), program.id, import_id, lock=lock)


def _start(program: OpenProgram, problem: str = "") -> str:
    return render_template(
        "kpis/imports/index.html",
        program=program,
        tabs=kpi_tabs(program),
        problem=problem,
        most=formats.number(imports.MOST.rows),
        found=imports.latest_imports(current_actor(), program.id),
        state_words=state_words(),
        is_manager=g.access >= Access.MANAGER,
    )


def state_words() -> dict[str, tuple[str, str]]:
    """How an import stands, and the state it is shown as."""
    return {
        ImportState.MAPPING: (_("Not sent off yet"), "no_data"),
        ImportState.WAITING: (_("Waits"), "no_data"),
        ImportState.RUNNING: (_("On its way"), "no_data"),
        ImportState.DONE: (_("Done"), "on_track"),
        ImportState.REFUSED: (_("Refused"), "off_track"),
        ImportState.UNDOING: (_("Being taken back"), "no_data"),
        ImportState.UNDONE: (_("Taken back"), "no_data"),
    }


def _layout_given(width: int) -> Layout:
    form = request.form
    return Layout(
        tuple(form.get(f"column-{place}", "") for place in range(width)),
        kpi=form.get("kpi", "")[:120],
        channel=form.get("channel", "")[:60],
        period=form.get("period", "")[:40],
        decimal=form.get("decimal", ""),
        days=form.get("days", ""),
        shares="shares" in form,
    )


def _columns_page(
    program: OpenProgram, kept: ReadingImport, layout: Layout, problems: dict[str, Any] | None = None
) -> str:
    problems = problems or {}
    first = list(islice(imports.rows_of(kept), LOOKED_AT))
    table = []
    for place, heading in enumerate(imports.headings_of(kept)):
        samples = [row.cells[place] for row in first if place < len(row.cells) and row.cells[place].strip()]
        table.append(
            {
                "name": f"column-{place}",
                "heading": heading or _("Column %(number)s", number=place + 1),
                "samples": list(dict.fromkeys(samples))[:_EXAMPLES],
                "chosen": layout.columns[place] if place < len(layout.columns) else "",
                "error": problems.get(f"column-{place}", ""),
            }
        )
    return render_template(
        "kpis/imports/columns.html",
        program=program,
        kept=kept,
        layout=layout,
        table=table,
        choices=list(CHOICES.items()),
        problems=problems,
        notes=kept.mapping.get("notes", {}),
    )


def _preview_page(program: OpenProgram, kept: ReadingImport) -> ResponseReturnValue:
    try:
        found = imports.preview(current_actor(), kept)
    except Invalid as error:
        return _columns_page(program, kept, imports.layout_of(kept), error.fields), 422
    kpis = {row.id: row for row in db.session.scalars(select(Kpi).where(Kpi.program_id == program.id))}
    shown = [
        (one.row, kpis[one.reading.kpi_id], one.reading, one.text)
        for one in found.readable[:_FIRST]
        if one.reading is not None
    ]
    return render_template(
        "kpis/imports/preview.html",
        program=program,
        kept=kept,
        found=found,
        shown=shown,
        problems=found.problems[:_MOST_TOLD],
        channel_name=channel_name,
        figure=figure,
        period=write_period,
        is_all=found.rows >= kept.rows,
    )
