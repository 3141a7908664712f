"""Bad days: answers get lost, Slack is down, somebody pretends to be it. Nobody gets two messages, nobody gets in."""

from __future__ import annotations

import json
import time as clock
from datetime import date, time
from typing import Any
from urllib.parse import quote_plus, urlencode
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.pulse.models import OpenAnswer
from tests.fakes.slack import DROP, HTML, LOSE_REPLY, SIGNING_SECRET, STATUS, Answer, sign
from tests.fakes.slack.doors import HttpDoor
from tests.plugins.slack_checkin.life import ZONES, Life, rows

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = (date(2026, 3, day) for day in (9, 10, 11, 13))
NINE = time(9, 7)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def open_round(life: Life, *hours: time) -> None:
    """The round opens and everybody's morning comes; the clock comes by at these hours of it."""
    life.tick_at(date(2026, 3, 8), time(19, 1), ZoneInfo("UTC"))
    for zone in ("Asia/Tokyo", *ZONES[:2]):
        for at in hours or (NINE,):
            life.tick_at(MONDAY, at, ZoneInfo(zone))


def pulses(life: Life) -> dict[str, int]:
    """How many messages with a pulse each has ever been shown."""
    return {name: len(mate.pulses()) for name, mate in life.team.items()}


@pytest.mark.parametrize(
    ("kind", "detail"), [(LOSE_REPLY, None), (DROP, None), (HTML, 502), (STATUS, 503), (STATUS, (429, "20"))]
)
def test_nobody_gets_two_and_nobody_gets_none(life: Life, kind: str, detail: Any) -> None:
    life.slack.faults.add("chat.postMessage", kind, times=4, after=1, detail=detail)
    open_round(life, NINE, time(9, 10), time(9, 20), time(9, 40))
    assert pulses(life) == dict.fromkeys(life.team, 1)
    # Each is known: it is there to be answered, and says so when the round is over.
    life.answer_all(life.team["Chie"], "4")
    for minute in (1, 2):
        life.tick_at(FRIDAY, time(18, minute))
    assert pulses(life) == dict.fromkeys(life.team, 0)
    assert all(len(mate.slack.messages) == 1 for mate in life.team.values())


def test_slack_is_down_for_a_day(life: Life) -> None:
    life.all_is_well = False
    life.slack.faults.add("*", STATUS, times=None, detail=503)
    open_round(life)
    assert pulses(life) == dict.fromkeys(life.team, 0)
    life.tick_at(MONDAY, time(23))
    life.slack.faults.clear()
    for zone in ("Asia/Tokyo", *ZONES[:2]):
        for at in (time(9, 1), NINE, time(9, 40), time(10, 30)):
            life.tick_at(TUESDAY, at, ZoneInfo(zone))
    life.tick_at(WEDNESDAY, time(8))
    assert pulses(life) == dict.fromkeys(life.team, 1)
    for mate in life.team.values():
        life.answer_all(mate, "4")
    assert life.slack.troubles == []


def kept(life: Life) -> int:
    """How many answers are kept now."""
    with life.app.app_context(), database.looking():
        return int(db.session.scalar(select(func.count()).select_from(OpenAnswer)) or 0)


@pytest.fixture
def tap(life: Life) -> tuple[bytes, dict[str, str]]:
    """A tap of Ania's that was never delivered: what Slack would have sent."""
    open_round(life)
    seen: list[tuple[bytes, dict[str, str]]] = []

    def swallow(body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        seen.append((body, headers))
        return 200, b""

    life.slack.knock_with(swallow)
    ania = life.team["Ania"]
    block, places = next(iter(rows(ania.pulse).items()))
    ania.slack.press(ania.pulse, places[0].action_id, block_id=block)
    return seen[0]


def at_the_door(life: Life) -> HttpDoor:
    """The app's door."""
    return life.slack.knock_at(life.app)


def signed(body: bytes, kind: str, *, shift: int = 0, secret: str = SIGNING_SECRET) -> dict[str, str]:
    stamp = str(int(clock.time()) + shift)
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(secret, body, stamp),
    }


def test_what_slack_did_not_sign_and_what_cannot_be_read_changes_nothing(
    life: Life, tap: tuple[bytes, dict[str, str]]
) -> None:
    body, headers = tap
    door = at_the_door(life)
    stamp, signature = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]

    def knock(**changed: str | None) -> Answer:
        names = {"stamp": "X-Slack-Request-Timestamp", "signature": "X-Slack-Signature"}
        given = {**headers, **{names[name]: value for name, value in changed.items() if value is not None}}
        for name, value in changed.items():
            if value is None:
                del given[names[name]]
        return door.send(body, given)

    answers = [
        knock(stamp=None),
        knock(signature=None),
        knock(stamp=""),
        knock(stamp="soon"),
        knock(stamp="-1"),
        knock(stamp="1e9"),
        knock(stamp="9" * 40),
        knock(stamp=str(int(stamp) + 1)),
        knock(signature=""),
        knock(signature="v0="),
        knock(signature="v0=zażółć"),
        knock(signature=signature[:-1]),
        knock(signature=signature.upper()),
        door.send(body + b" ", headers),
        door.send(body, signed(body, FORM, secret="another")),
        # Stale, and from the future.
        door.send(body, signed(body, FORM, shift=-301)),
        door.send(body, signed(body, FORM, shift=301)),
    ]
    assert {answer.status for answer in answers} == {401}
    assert {answer.body for answer in answers} == {b""}
    deep = b'{"type":' + b"[" * 50_000
    bodies: list[tuple[bytes, str]] = [
        (b"", FORM),
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b'{"type": 7}', JSON),
        (deep, JSON),
        (b"payload=", FORM),
        (b"payload={", FORM),
        (b"payload=[1]", FORM),
        (b"payload=%FF%FE", FORM),
        (b"a=b", FORM),
        (b"<xml/>", "text/xml"),
        (quote_plus("payload").encode(), "multipart/form-data; boundary=x"),
        (b"&".join(b"a=1" for _ in range(2000)), FORM),
    ]
    statuses = [door.send(body, signed(body, kind)).status for body, kind in bodies]
    assert set(statuses) == {400}, list(zip(statuses, bodies, strict=True))
    garbled = b"payload=\xff\xfe"
    assert door.send(garbled, signed(garbled, FORM)).status in (400, 401)
    huge = b"x" * 3_000_000
    assert door.send(huge, signed(huge, FORM)).status in (400, 413)
    life.settle()
    assert kept(life) == 0


def test_what_is_signed_but_makes_no_sense_is_answered_kindly(life: Life, tap: tuple[bytes, dict[str, str]]) -> None:
    ania = life.team["Ania"].slack
    door = at_the_door(life)
    user = {"id": ania.id, "team_id": "T0MILEPOST"}
    whole = {"type": "block_actions", "user": user, "team": {"id": "T0MILEPOST"}, "trigger_id": "1.2.3"}
    action = {"type": "button", "action_id": "pulse.answer:1", "block_id": "x"}
    payloads: list[dict[str, Any]] = [
        {"type": "block_actions"},
        {**whole, "actions": []},
        {**whole, "actions": "none"},
        {**whole, "actions": [None]},
        {**whole, "actions": [{**action, "value": "999999:1:3"}]},
        {**whole, "actions": [{**action, "value": "1:1:" + "9" * 4000}]},
        {**whole, "actions": [{**action, "value": {"a": 1}}]},
        {**whole, "actions": [{**action, "action_id": "long.gone"}]},
        {**whole, "user": None, "actions": [action]},
        {**whole, "message": "text", "container": 7, "actions": [{**action, "value": "0:0:1"}]},
        {"type": "view_submission", "user": user, "view": {"callback_id": "pulse.comment", "private_metadata": "{"}},
        {"type": "view_submission", "user": user, "view": {}},
        {"type": "shortcut", "user": user, "callback_id": "nobody.knows"},
        {"type": "something_new", "user": user},
    ]
    for number, payload in enumerate(payloads):
        body = urlencode({"payload": json.dumps({**payload, "trigger_id": f"1.2.{number}"})}).encode()
        answer = door.send(body, signed(body, FORM))
        assert answer.status in (200, 400), (payload, answer)
    life.settle()
    assert kept(life) == 0


def test_what_is_told_again_has_one_effect(life: Life, tap: tuple[bytes, dict[str, str]]) -> None:
    body, _headers = tap
    door = at_the_door(life)
    ania = life.team["Ania"]
    for again in range(3):
        retry = {"X-Slack-Retry-Num": str(again), "X-Slack-Retry-Reason": "http_timeout"} if again else {}
        life.done(door.send(body, {**signed(body, FORM), **retry}))
    assert kept(life) == 1
    assert len(life.slack.calls("response_url")) == 1
    block, places = next(iter(rows(ania.pulse).items()))
    life.done(ania.slack.press(ania.pulse, places[1].action_id, block_id=block))
    # The first tap, told once more and late, does not undo the second.
    life.done(door.send(body, signed(body, FORM)))
    assert [place.is_chosen for place in rows(ania.pulse)[block]][:2] == [False, True]
    assert kept(life) == 1
