"""Who plays which role, with how much of their week, from when to when: giving, changing, ending, taking away.

Only people of the program can be given a role. The same person holds a role once at a time: a second share in the same
days would count their time twice. How much somebody carries altogether is worked out in `workload.py`; a load over a
full week is shown, not forbidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Membership, Person
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name
from program.team.spans import Span
from program.team.telling import tell_role_given

MAX_NOTE = 300
CHANGEABLE = frozenset(("share", "starts_on", "ends_on", "in_pilot_team", "note"))
# All that is needed to write an assignment anew: with these in the trail, giving and taking away can be taken back.
_COLUMNS = ("role_id", "person_id", "share", "starts_on", "ends_on", "in_pilot_team", "note")
CHANGED_MEANWHILE = _l("Somebody changed this assignment while you had it open.")


@record
class AssignmentDraft:
    """An assignment that does not exist yet; `share` is percent of a full week, without `ends_on` it goes on."""

    role_id: int
    person_id: int
    share: int | None
    starts_on: date | None
    ends_on: date | None = None
    in_pilot_team: bool = False
    note: str = ""


def assign(actor: Actor, program_id: int, draft: AssignmentDraft) -> Assignment:
    """Give somebody a role and tell them. Raises Invalid naming the field at fault."""
    return assign_many(actor, program_id, [draft])[0]


def assign_many(
    actor: Actor,
    program_id: int,
    drafts: Sequence[AssignmentDraft],
    *,
    batch: str | None = None,
    tells: bool = True,
) -> list[Assignment]:
    """Give several people roles, all or none. Raises Invalid for the first draft that cannot be.

    Without `tells` nobody is told: the act that this is a part of tells it in its own words.
    """
    access.require(actor, program_id, Access.MANAGER)
    roles = _roles(program_id, {draft.role_id for draft in drafts})
    people = _people(program_id, {draft.person_id for draft in drafts})
    held = _held({draft.role_id for draft in drafts})
    rows = []
    for draft in drafts:
        wrong: dict[str, Any] = {}
        if draft.role_id not in roles:
            wrong["role_id"] = _l("Choose a role of this program.")
        if draft.person_id not in people:
            wrong["person"] = _l("Choose somebody of this program.")
        values = _checked(asdict(draft), {}, wrong)
        span = Span(values["starts_on"], values["ends_on"])
        pair = (draft.role_id, draft.person_id)
        _check_free(span, held.setdefault(pair, {}).values())
        row = Assignment(program_id=program_id, **values)
        rows.append(row)
        held[pair][-len(rows)] = span
    db.session.add_all(rows)
    db.session.flush()
    entries = [(row.id, _title(roles[row.role_id], people[row.person_id]), _created(row)) for row in rows]
    audit.record_many(actor, "assignment.created", program_id, entries, batch=batch)
    for row in rows if tells else ():
        tell_role_given(actor, row)
    return rows


def change_assignment(
    actor: Actor, assignment: Assignment, values: Mapping[str, Any], *, seen: int | None, batch: str | None = None
) -> audit.Changes:
    """Change columns of CHANGEABLE; returns what really changed.

    Raises Conflict when it moved on since `seen`, Invalid naming the field at fault.
    """
    access.require(actor, assignment.program_id, Access.MANAGER)
    if unknown := set(values) - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    if seen is not None:
        audit.check_revision(assignment, seen, CHANGED_MEANWHILE, "assignment")
    before = {name: getattr(assignment, name) for name in CHANGEABLE}
    tidy = _checked(dict(values), before, {})
    span = Span(tidy.get("starts_on", before["starts_on"]), tidy.get("ends_on", before["ends_on"]))
    others = _held({assignment.role_id}).get((assignment.role_id, assignment.person_id), {})
    _check_free(span, [other for other_id, other in others.items() if other_id != assignment.id])
    changes = audit.change(assignment, tidy)
    if changes:
        db.session.flush()
        _record(actor, "assignment.changed", assignment, changes, batch)
    return changes


def end_assignment(
    actor: Actor, assignment: Assignment, last_day: date | None, *, seen: int | None, batch: str | None = None
) -> audit.Changes:
    """Say which day is the last. Raises Invalid for a day before the first one."""
    access.require(actor, assignment.program_id, Access.MANAGER)
    if last_day is None:
        raise Invalid(_l("Something is not right yet."), {"ends_on": _l("Say which day is the last.")})
    return change_assignment(actor, assignment, {"ends_on": last_day}, seen=seen, batch=batch)


def remove_assignment(actor: Actor, assignment: Assignment, *, seen: int | None, batch: str | None = None) -> None:
    """Take an assignment away as if it had never been; for one that really was, `end_assignment` is the act."""
    access.require(actor, assignment.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(assignment, seen, CHANGED_MEANWHILE, "assignment")
    gone = audit.removed({name: getattr(assignment, name) for name in _COLUMNS})
    assignment_id, title, program_id = assignment.id, title_of(assignment), assignment.program_id
    db.session.delete(assignment)
    db.session.flush()
    audit.record(
        actor,
        "assignment.removed",
        object_id=assignment_id,
        name=title,
        program_id=program_id,
        changes=gone,
        batch=batch,
    )


def find_assignment(actor: Actor, program_id: int, assignment_id: int, needed: Access = Access.VIEWER) -> Assignment:
    """The assignment of the program with that id. Raises NotFound."""
    access.require(actor, program_id, needed)
    found = db.session.scalars(
        select(Assignment).where(Assignment.id == assignment_id, Assignment.program_id == program_id)
    ).one_or_none()
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def title_of(assignment: Assignment) -> str:
    """'Anna Nowak: Data analyst', for the trail and for questions."""
    row = db.session.execute(
        select(ProgramRole.key, ProgramRole.name, Person.name)
        .select_from(Assignment)
        .join(ProgramRole, ProgramRole.id == Assignment.role_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.id == assignment.id)
    ).one()
    return f"{row[2]}: {role_name(row[0], row[1])}"


@record
class Named:
    """Somebody of the program as they can be named: by name, or by e-mail where two have one name."""

    id: int
    name: str
    email: str


def find_people(program_id: int, text: str) -> list[Named]:
    """The active people of the program who are meant by a name or an e-mail, at most a few. One statement."""
    wanted = fold(clean_line(text))
    if not wanted:
        return []
    rows = db.session.execute(
        select(Person.id, Person.name, Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.program_id == program_id,
            Person.is_active,
            or_(Person.name_folded == wanted, Person.email == clean_line(text).lower()),
        )
        .order_by(Person.id)
        .limit(10)
    )
    return [Named(*row) for row in rows]


def person_meant(program_id: int, text: str) -> int:
    """The id of the one person meant. Raises Invalid at `person`, saying what to write instead."""
    found = find_people(program_id, text)
    if len(found) == 1:
        return found[0].id
    if found:
        mails = ", ".join(one.email for one in found)
        reason = _l("Several people have this name. Write the e-mail of the one you mean: %(mails)s.", mails=mails)
    elif clean_line(text):
        reason = _l("Nobody in this program has this name or e-mail. Write it as it stands in the list of people.")
    else:
        reason = _l("Say who.")
    raise Invalid(_l("Something is not right yet."), {"person": reason})


def _roles(program_id: int, ids: set[int]) -> dict[int, str]:
    """Names of those of the roles that are the program's, by id."""
    query = select(ProgramRole.id, ProgramRole.key, ProgramRole.name).where(
        ProgramRole.program_id == program_id, ProgramRole.id.in_(ids)
    )
    return {row.id: role_name(row.key, row.name) for row in db.session.execute(query)}


def _people(program_id: int, ids: set[int]) -> dict[int, str]:
    """Names of those who are in the program with an open account, by id."""
    query = (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.program_id == program_id, Person.is_active, Person.id.in_(ids))
    )
    return {row.id: row.name for row in db.session.execute(query)}


def _held(role_ids: set[int]) -> dict[tuple[int, int], dict[int, Span]]:
    """Who holds those roles when: spans by assignment, by role and person. The roles are held against each other."""
    db.session.execute(
        select(ProgramRole.id).where(ProgramRole.id.in_(role_ids)).order_by(ProgramRole.id).with_for_update()
    )
    found: dict[tuple[int, int], dict[int, Span]] = {}
    query = select(
        Assignment.id, Assignment.role_id, Assignment.person_id, Assignment.starts_on, Assignment.ends_on
    ).where(Assignment.role_id.in_(role_ids))
    for row in db.session.execute(query):
        found.setdefault((row.role_id, row.person_id), {})[row.id] = Span(row.starts_on, row.ends_on)
    return found


def _check_free(span: Span, others: Any) -> None:
    if any(span.meets(other) for other in others):
        reason = _l("This person has this role in some of these days already. Change that assignment, or other days.")
        raise Invalid(_l("Something is not right yet."), {"starts_on": reason})


def _checked(values: dict[str, Any], before: Mapping[str, Any], wrong: dict[str, Any]) -> dict[str, Any]:
    """The values, tidied. Raises Invalid with every field that is wrong, those in `wrong` among them."""
    if "share" in values:
        share = values["share"]
        if share is None or not 1 <= share <= 100:
            wrong["share"] = _l("Give a share from 1 to 100 percent.")
    for name in ("starts_on", "ends_on"):
        day = values.get(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if "starts_on" in values and values["starts_on"] is None:
        wrong["starts_on"] = _l("Say from which day.")
    start = values.get("starts_on", before.get("starts_on"))
    end = values.get("ends_on", before.get("ends_on"))
    if start and end and end < start and not wrong.keys() & {"starts_on", "ends_on"}:
        wrong["ends_on" if "ends_on" in values else "starts_on"] = _l("The last day lies before the first one.")
    if "note" in values:
        values["note"] = clean_line(values["note"] or "")
        if len(values["note"]) > MAX_NOTE:
            wrong["note"] = _l("Up to %(most)s letters.", most=MAX_NOTE)
    if "in_pilot_team" in values:
        values["in_pilot_team"] = bool(values["in_pilot_team"])
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values


def _title(role: str, person: str) -> str:
    return f"{person}: {role}"


def _created(row: Assignment) -> audit.Changes:
    return audit.created({name: getattr(row, name) for name in _COLUMNS})


def _record(actor: Actor, verb: str, row: Assignment, changes: audit.Changes, batch: str | None) -> None:
    audit.record(
        actor,
        verb,
        object_id=row.id,
        name=title_of(row),
        program_id=row.program_id,
        changes=changes,
        batch=batch,
    )
