"""The door for systems that send readings: one signed message, all of its figures or none, reasons in JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import csrf, db
from program.ground.actor import Actor, Origin, system
from program.ground.errors import Invalid, TooMany
from program.ground.pages import public
from program.ground.sealing import CannotUnseal
from program.ground.text import clean_line
from program.kpis import sources
from program.kpis.models import Kpi, ReadingSource, Way
from program.kpis.numbers import POINT, Writing, read_figure
from program.kpis.reading_words import Words, words_of
from program.kpis.writing import NewReading, put_many
from program.kpis.written_periods import Calendar, read_period

blueprint = Blueprint("reading_door", __name__)
MAX_BYTES, MOST_ROWS, MAX_NOTE = 1024 * 1024, 5000, 500
_FIELDS = frozenset(("code", "channel", "period", "value", "note", "confidence"))
# Machines write points; a comma is a slip.
_WRITING = Writing(POINT, other_groups=False)


@blueprint.post("/kpis/in/<public_id>")
@public
@csrf.exempt
def take(public_id: str) -> ResponseReturnValue:
    """Take readings from a source. 401 for a wrong signature, 422 with a reason for each row that cannot be written."""
    if (request.content_length or 0) > MAX_BYTES:
        return _no(413, _("Up to 1 MB in a message."))
    # All of it before the first look at the database: nobody waits behind a slow sender.
    body = request.get_data(cache=False)
    if len(body) > MAX_BYTES:
        return _no(413, _("Up to 1 MB in a message."))
    source = sources.called(public_id)
    if source is None:
        return _no(404, _("There is no such source, or it is revoked."))
    headers = request.headers
    timestamp, signature = headers.get("X-Milepost-Timestamp", ""), headers.get("X-Milepost-Signature", "")
    try:
        if not sources.is_signed(source, timestamp, signature, body):
            return _no(401, _("The signature or its time is wrong."))
        sources.count_call(source)
        rows = _rows(body)
        return _written(source, rows)
    except CannotUnseal:
        return _no(401, _("The secret of this source can no longer be read. Give it a new one."))
    except TooMany as error:
        answer, status = _no(429, str(error))
        answer.headers["Retry-After"] = str(error.wait_seconds)
        return answer, status
    except _Malformed as error:
        return _no(400, str(error))
    except Invalid as error:
        return _no(422, str(error), error.rows)


class _Malformed(Exception):
    """The message is not what the door understands."""


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        data = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise _Malformed(_("This is no JSON.")) from error
    rows = data.get("readings") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _Malformed(_("Send an object with a list of readings."))
    if len(rows) > MOST_ROWS:
        raise _Malformed(_("Up to %(most)s readings in a message.", most=MOST_ROWS))
    return rows


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _written(source: ReadingSource, rows: list[dict[str, Any]]) -> ResponseReturnValue:
    words = words_of(source.program_id)
    kpis = {
        row.id: row
        for row in db.session.execute(
            select(Kpi.id, Kpi.code, Kpi.every, Kpi.unit).where(Kpi.program_id == source.program_id)
        )
    }
    found, problems = [], []
    for place, row in enumerate(rows):
        try:
            found.append(_reading(row, words, kpis, frozenset(source.codes)))
        except _WrongField as wrong:
            problems.append({"row": place, "field": wrong.field, "reason": wrong.reason})
    if problems:
        raise Invalid(_("Nothing was written."), rows=problems)
    actor: Actor = system(Origin.API)
    try:
        # Closed periods take a person and a reason; a source has neither.
        counted = put_many(source.program_id, found, way=Way.API, source=source.name, actor=actor)
    except Invalid as error:
        told = [
            {"row": one.place, "field": {"kpi": "code"}.get(one.field, one.field), "reason": str(one.sentence)}
            for one in error.rows
        ]
        raise Invalid(_("Nothing was written."), rows=told) from error
    return jsonify(added=counted.added, changed=counted.changed, unchanged=counted.unchanged)


class _WrongField(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason = field, reason


def _reading(row: dict[str, Any], words: Words, kpis: dict[int, Any], codes: frozenset[str]) -> NewReading:
    """A figure of the message. Raises _WrongField."""
    if unknown := sorted(row.keys() - _FIELDS):
        raise _WrongField(unknown[0][:40], _("This field is not known here."))
    field = "code"
    try:
        kpi = kpis[words.kpi(_text(row, "code"))]
        if codes and kpi.code not in codes:
            raise Invalid(_("This source may not write this KPI."))
        field = "channel"
        channel = words.channel(_text(row, "channel"))
        field = "period"
        period = read_period(_text(row, "period"), kpi.every, Calendar(fiscal_from=words.fiscal_from))
        field = "value"
        given = row.get("value")
        value = read_figure(given, kpi.unit, _WRITING) if isinstance(given, str) else given
        if not isinstance(value, Decimal) or not value.is_finite():
            raise Invalid(_("Give a number."))
        field = "note"
        note = clean_line(_text(row, "note")) if "note" in row else None
        field = "confidence"
        sure = words.sureness(_text(row, "confidence"))
    except Invalid as error:
        raise _WrongField(field, str(error)) from error
    return NewReading(kpi.id, channel, period, value, note, sure)


def _text(row: dict[str, Any], name: str) -> str:
    found = row.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Invalid(_("Give text here."))
    return found


def _no(status: int, sentence: str, problems: Any = ()) -> tuple[Any, int]:
    told = {"error": sentence, **({"problems": list(problems)} if problems else {})}
    return jsonify(told), status
