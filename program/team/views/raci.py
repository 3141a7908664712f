"""Pages of the responsibility matrix: reading it, filling in a phase, the file, and what the reader answers for."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.formats import current_locale
from program.ground.pages import Pagination, page_number
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning.opening import open_program
from program.planning.spreadsheets_out import MEDIA_TYPES
from program.team import raci, raci_matrix, raci_mine, raci_sheet
from program.team.forms.raci import SentRow, base_of, read_rows
from program.team.raci_findings import Finding, Tally
from program.team.raci_matrix import MatrixRow
from program.team.raci_sheet import FINDING_WORDS, LETTER_TEXTS
from program.team.views.tabs import team_tabs

blueprint = Blueprint("raci", __name__)
AT = "/p/<key>/team/responsibilities"
# Rows a page, for reading and for filling in: each cell of a form is a list of six.
PAGE, FORM_PAGE, MINE_PAGE = 80, 25, 60
# For the items that stand in no phase, in addresses.
NO_PHASE = 0


@blueprint.get(AT)
def show(key: str) -> ResponseReturnValue:
    """The matrix: phases with their deliverables down, roles across."""
    program = open_program(key)
    rows = raci_matrix.rows_of(program.id)
    roles = raci_matrix.columns(program.id, formats.today())
    unfilled = raci_matrix.unfilled(program.id, roles)
    asked = _asked_finding()
    phase = request.args.get("phase", "")
    shown = [row for row in rows if _is_asked(row, asked) and (not phase or str(row.phase_id or NO_PHASE) == phase)]
    pagination = Pagination(page_number(), PAGE, len(shown))
    on_page = shown[(pagination.page - 1) * PAGE : pagination.page * PAGE]
    raci_matrix.fill(on_page)
    counted = raci_matrix.tally_of(rows)
    return render_template(
        "team/raci/show.html",
        program=program,
        tabs=team_tabs(program),
        groups=_groups(on_page),
        roles=roles,
        tally=counted,
        headline=_headline(counted, bool(roles)),
        vacant=_vacant([role.name for role in roles if role.id in unfilled]),
        phases=_phases(rows),
        asked=request.args.get("show", "") if asked is not None else "",
        phase=phase,
        pagination=pagination,
        letters=LETTER_TEXTS,
        words=FINDING_WORDS,
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/phases/<int:phase_id>", methods=["GET", "POST"])
def fill(key: str, phase_id: int) -> ResponseReturnValue:
    """Fill in the rows of a phase: its own and those of its deliverables; 0 for items outside any phase."""
    program = open_program(key, Access.MANAGER)
    rows = [row for row in raci_matrix.rows_of(program.id) if (row.phase_id or NO_PHASE) == phase_id]
    if not rows:
        raise NotFound(NOT_HERE)
    roles = raci_matrix.columns(program.id, formats.today())
    pagination = Pagination(page_number(), FORM_PAGE, len(rows))
    on_page = rows[(pagination.page - 1) * FORM_PAGE : pagination.page * FORM_PAGE]
    raci_matrix.fill(on_page)
    sent: Sequence[SentRow] = ()
    problem, status = "", 200
    if request.method == "POST":
        sent = [one for one in read_rows(request.form, on_page, roles) if one.is_touched]
        try:
            changed = raci.mark(current_actor(), program.id, [one.edit for one in sent])
        except Invalid as error:
            problem, status = str(error.sentence), 422
        except Conflict:
            problem, status = _overtaken(sent), 409
        else:
            flash(
                ngettext("%(num)s row is saved.", "%(num)s rows are saved.", changed)
                if changed
                else _("Nothing was changed.")
            )
            return _after_filling(program.key, phase_id, pagination)
    page = render_template(
        "team/raci/fill.html",
        program=program,
        phase_id=phase_id,
        phase=rows[0].phase,
        rows=on_page,
        roles=roles,
        bases={row.token: base_of(row) for row in on_page},
        typed={one.row.token: one.letters for one in sent},
        overtaken={one.row.token for one in sent if one.is_overtaken},
        problem=problem,
        pagination=pagination,
        letters=LETTER_TEXTS,
        words=FINDING_WORDS,
    )
    return page, status


@blueprint.get(f"{AT}/export.<any(csv, xlsx):kind>")
def export(key: str, kind: str) -> ResponseReturnValue:
    """The whole matrix as a file."""
    program = open_program(key)
    today = formats.today()
    word = _("responsibilities")
    return send_file(
        raci_sheet.write(kind, program.id, program.key, today, current_locale()),
        mimetype=MEDIA_TYPES[kind],
        as_attachment=True,
        download_name=f"{program.key}-{word}-{today.isoformat()}.{kind}",
        max_age=0,
    )


@blueprint.get(f"{AT}/mine")
def mine(key: str) -> ResponseReturnValue:
    """What the reader answers for and works on, in all their programs."""
    program = open_program(key)
    person = current_actor().person_id or 0
    lines = raci_mine.mine(person, formats.today())
    answers = [line for line in lines if line.is_accountable]
    pagination = Pagination(page_number(), MINE_PAGE, len(lines))
    return render_template(
        "team/raci/mine.html",
        program=program,
        tabs=team_tabs(program),
        lines=lines[(pagination.page - 1) * MINE_PAGE : pagination.page * MINE_PAGE],
        answers=len(answers),
        late=sum(1 for line in answers if line.late),
        pagination=pagination,
    )


def _after_filling(key: str, phase_id: int, pagination: Pagination) -> ResponseReturnValue:
    # A long phase takes several pages: on to the next one, and in the end back to the matrix.
    if pagination.page < pagination.pages:
        return redirect(url_for("raci.fill", key=key, phase_id=phase_id, page=pagination.page + 1), 303)
    return redirect(url_for("raci.show", key=key, _anchor=f"phase-{phase_id}"), 303)


def _overtaken(sent: Sequence[SentRow]) -> str:
    names = ", ".join(f"“{one.row.label}”" for one in sent if one.is_overtaken)
    return _("Somebody changed %(rows)s while you had the page open. Compare, then save again.", rows=names)


def _asked_finding() -> set[Finding] | None:
    asked = request.args.get("show", "")
    if asked == "unclear":
        return set(Finding)
    return {Finding(asked)} if asked in tuple(Finding) else None


def _is_asked(row: MatrixRow, asked: set[Finding] | None) -> bool:
    return asked is None or row.finding in asked


def _groups(rows: Sequence[MatrixRow]) -> list[tuple[int, str, list[MatrixRow]]]:
    """The rows of each phase, with its id and name, in their order."""
    found: dict[int, tuple[str, list[MatrixRow]]] = {}
    for row in rows:
        found.setdefault(row.phase_id or NO_PHASE, (row.phase, []))[1].append(row)
    return [(phase_id, name, group) for phase_id, (name, group) in found.items()]


def _phases(rows: Sequence[MatrixRow]) -> list[tuple[str, str]]:
    found = {str(row.phase_id or NO_PHASE): row.phase or _("Outside any phase") for row in rows}
    return list(found.items())


def _headline(tally: Tally, has_roles: bool) -> str:
    if not tally.rows:
        return _("There are no phases yet: responsibilities follow the plan.")
    if not has_roles:
        return _("There are no roles yet: the matrix says which role answers for what.")
    if tally.is_clear:
        return ngettext(
            "Clear: the one row has exactly one role that answers for it.",
            "Clear: each of %(num)s rows has exactly one role that answers for it.",
            tally.rows,
        )
    sentences = []
    if tally.gaps:
        sentences.append(
            ngettext(
                "For %(num)s of %(rows)s rows nobody is accountable.",
                "For %(num)s of %(rows)s rows nobody is accountable.",
                tally.gaps,
                rows=formats.number(tally.rows),
            )
        )
    if tally.doubles:
        sentences.append(
            ngettext(
                "In %(num)s row several roles are accountable.",
                "In %(num)s rows several roles are accountable.",
                tally.doubles,
            )
        )
    return " ".join(sentences)


def _vacant(names: Sequence[str]) -> str:
    """A warning about roles that answer for something although nobody plays them."""
    if not names:
        return ""
    return ngettext(
        "%(roles)s is accountable, but nobody plays this role today.",
        "These roles are accountable, but nobody plays them today: %(roles)s.",
        len(names),
        roles=", ".join(names),
    )
