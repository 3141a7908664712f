"""The door for systems: the example of the manual to the letter, and everything that is refused."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden
from program.ground.now import held_at, utc_now
from program.kpis import sources
from program.kpis.models import Reading, ReadingSource
from program.kpis.readings import close_until
from tests.kpis.conftest import Figures, at, monday

ROW = {"code": "CSAT", "channel": "chat", "period": "2026-W23", "value": 85.4}
Send = Callable[..., Any]


@pytest.fixture
def source(figures: Figures) -> Any:
    """A source that may write everything, and its secret."""
    with at():
        made, secret = sources.add_source(figures.cast.manager.actor, figures.program_id, "Genesys", [])
        db.session.commit()
        yield made, secret
        db.session.rollback()


@pytest.fixture
def send(app: Flask, source: Any) -> Send:
    """Send a message as the source would; `more` are headers that differ."""

    def post(rows: Any, *, secret: str | None = None, address: str | None = None, **more: str) -> Any:
        made, right = source
        body = rows if isinstance(rows, bytes) else json.dumps({"readings": rows}).encode()
        time = more.pop("time", str(int(utc_now().timestamp())))
        headers = {"X-Milepost-Timestamp": time}
        headers["X-Milepost-Signature"] = "sha256=" + sources.sign(secret or right, time, body)
        headers.update(more)
        db.session.rollback()
        return app.test_client().post(f"/kpis/in/{address or made.public_id}", data=body, headers=headers)

    return post


def test_the_example_of_the_manual_works_to_the_letter(app: Flask, source: Any, project_root: Any) -> None:
    made, secret = source
    text = (project_root / "docs" / "kpis.md").read_text()
    script = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert script is not None
    known = {"SECRET": secret, "TIME": str(int(utc_now().timestamp()))}
    body = re.search(r"BODY='(.*?)'", script[1], re.DOTALL)
    assert body is not None
    known["BODY"] = body[1]
    assert 'printf \'%s.%s\' "$TIME" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r' in script[1]
    known["SIGNATURE"] = sources.sign(secret, known["TIME"], body[1].encode())
    address = re.search(r"ADDRESS='https://milepost.example(/kpis/in/)[0-9a-f]{32}'", script[1])
    assert address is not None
    call = shlex.split(script[1][script[1].index("curl") :].replace("\\\n", " "))
    headers = dict(call[place + 1].split(": ", 1) for place, word in enumerate(call) if word == "-H")
    filled = {name: re.sub(r"\$([A-Z]+)", lambda found: known[found[1]], value) for name, value in headers.items()}
    assert call[call.index("--data-binary") + 1] == "$BODY"
    db.session.rollback()
    answer = app.test_client().post(address[1] + made.public_id, data=known["BODY"].encode(), headers=filled)
    assert (answer.status_code, answer.json) == (200, {"added": 2, "changed": 0, "unchanged": 0})
    assert "Set-Cookie" not in answer.headers
    found = db.session.scalars(select(Reading).where(Reading.channel == "chat")).one()
    assert (found.value, found.note, found.way, found.source) == (Decimal("85.4"), "after the change", "api", "Genesys")


def test_sent_twice_is_sent_once(send: Send) -> None:
    assert send([ROW]).json == {"added": 1, "changed": 0, "unchanged": 0}
    assert send([ROW]).json == {"added": 0, "changed": 0, "unchanged": 1}
    assert send([{**ROW, "value": "85.5"}]).json == {"added": 0, "changed": 1, "unchanged": 0}


def test_floats_come_as_they_are_written(send: Send) -> None:
    body = b'{"readings": [{"code": "NPS", "period": "2026-W23", "value": 0.1000001}]}'
    assert send(body).status_code == 200
    assert db.session.scalars(select(Reading.value)).one() == Decimal("0.1")


def test_who_cannot_sign_is_refused(send: Send, source: Any) -> None:
    late = str(int((utc_now() - timedelta(minutes=6)).timestamp()))
    early = str(int((utc_now() + timedelta(minutes=6)).timestamp()))
    for wrong in ({"secret": "guess"}, {"time": late}, {"time": early}, {"time": "now"}, {"time": ""}):
        assert send([ROW], **wrong).status_code == 401, wrong
    for signature in ("", "sha256=", "sha1=abc", "sha256=" + "0" * 64, "ł"):
        answer = send([ROW], **{"X-Milepost-Signature": signature.encode().decode("latin-1")})
        assert answer.status_code == 401, signature
    assert send([ROW], address="0" * 32).status_code == 404
    assert db.session.scalars(select(Reading)).all() == []
    assert source[0].last_used_at is None


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"readings": []}', b'{"readings": [1]}', b'{"readings": [{"value": NaN}]}']
)
def test_what_is_no_message_is_refused(send: Send, body: bytes) -> None:
    assert send(body).status_code == 400


def test_too_much_is_refused(send: Send) -> None:
    assert send(b"x" * (1024 * 1024 + 1)).status_code == 413
    assert send([ROW] * 5001).status_code == 400


def test_all_or_nothing_with_a_reason_for_each_row(send: Send) -> None:
    wrong = [
        {**ROW, "code": "NOPE"},
        {**ROW, "channel": "moon"},
        {**ROW, "period": "2026-06"},
        {**ROW, "value": "85,4a"},
        {**ROW, "value": True},
        {**ROW, "value": None},
        {**ROW, "note": 5},
        {**ROW, "colour": "red"},
    ]
    answer = send([ROW, *wrong])
    assert answer.status_code == 422
    told = [(one["row"], one["field"]) for one in answer.json["problems"]]
    assert told == [
        *((1, "code"), (2, "channel"), (3, "period"), (4, "value")),
        *((5, "value"), (6, "value"), (7, "note"), (8, "colour")),
    ]
    later = send([ROW, {**ROW, "channel": "phone", "value": 101}])
    assert [(one["row"], one["field"]) for one in later.json["problems"]] == [(1, "value")]
    assert db.session.scalars(select(Reading)).all() == []


def test_a_source_writes_its_own_kpis_and_no_closed_period(figures: Figures, send: Send, source: Any) -> None:
    with database.transaction():
        db.session.get_one(ReadingSource, source[0].id).codes = ["NPS"]
    assert send([ROW]).json["problems"][0]["field"] == "code"
    with database.transaction():
        close_until(figures.cast.manager.actor, figures.program_id, monday(24), seen=None)
    assert send([{"code": "NPS", "period": "2026-W23", "value": 1}]).status_code == 422


def test_only_so_many_messages_a_minute(send: Send, source: Any) -> None:
    with database.transaction():
        kept = db.session.get_one(ReadingSource, source[0].id)
        kept.minute_at, kept.minute_calls = utc_now(), sources.MOST_A_MINUTE
    answer = send([ROW])
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 60
    with held_at(utc_now() + timedelta(minutes=2)):
        assert send([ROW]).status_code == 200


def test_secrets_are_changed_and_sources_revoked_by_managers(figures: Figures, send: Send, source: Any) -> None:
    manager, made = figures.cast.manager.actor, source[0]
    with pytest.raises(Forbidden):
        sources.find_source(figures.cast.contributor.actor, figures.program_id, made.id)
    assert source[1] not in made.secret_sealed
    with database.transaction():
        secret = sources.rotate(manager, sources.find_source(manager, figures.program_id, made.id))
    assert send([ROW]).status_code == 401
    assert send([ROW], secret=secret).status_code == 200
    with database.transaction():
        sources.revoke(manager, sources.find_source(manager, figures.program_id, made.id))
    assert send([ROW], secret=secret).status_code == 404
    with pytest.raises(Conflict):
        sources.rotate(manager, sources.find_source(manager, figures.program_id, made.id))
