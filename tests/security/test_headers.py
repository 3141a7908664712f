"""What every answer carries, whatever went wrong on the way, and what never gets into a log."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from flask import Flask

from program.ground.requests import HEADERS, JsonLines
from program.people import links
from tests.cast import Cast

KINDS = {
    "page": ("GET", "/me", 200),
    "redirect": ("POST", "/sign-out", 400),
    "static": ("GET", "/static/milepost.css", 200),
    "static not there": ("GET", "/static/nothing.css", 404),
    "not there": ("GET", "/nothing", 404),
    "wrong method": ("GET", "/sign-out", 405),
    "health": ("GET", "/healthz", 200),
    "broken": ("GET", "/people", 500),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_keeps_browsers_honest(
    served: Flask, cast: Cast, visitor: Any, kind: str, monkeypatch: pytest.MonkeyPatch
):
    def broken() -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setitem(served.view_functions, "people.directory", broken)
    method, path, status = KINDS[kind]
    answer = visitor(cast.admin).open(path, method=method)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])
    if not kind.startswith("static"):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    for name, sources in policy.items():
        assert "unsafe" not in sources, name
        assert "http" not in sources, name
        assert "*" not in sources, name


def test_requests_are_logged_with_their_id_and_without_secrets(
    app: Flask, cast: Cast, browser: Any, caplog: pytest.LogCaptureFixture
):
    from program.extensions import db
    from program.ground import database
    from program.ground.actor import Origin, system

    with app.app_context(), database.transaction():
        token = links.make_link(system(Origin.CLI), cast.viewer.id).token
        assert db.session is not None
    with caplog.at_level(logging.DEBUG):
        client = browser()
        answers = [
            client.get(f"/sign-in/{token}?next=/hidden"),
            client.post(f"/sign-in/{token}", data={"name": "Wanda", "locale": "en", "password": "tajne hasło Wandy"}),
            client.post("/sign-in", data={"email": "kto@firma.example", "password": "inne tajne hasło"}),
            client.get("/not-there/really"),
        ]
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    requests = [line for line in lines if line["logger"] == "milepost.request"]
    assert [line["request_id"] for line in requests] == [answer.headers["X-Request-ID"] for answer in answers]
    assert [line["status"] for line in requests] == [answer.status_code for answer in answers]
    assert requests[0]["route"] == "/sign-in/<token>"
    assert requests[-1]["route"] == "unknown"
    everything = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    for secret in (token, "tajne", "kto@firma", "Wanda", "hidden", "really"):
        assert secret not in everything


def test_an_unexpected_error_is_logged_with_the_id_on_its_page(
    served: Flask, cast: Cast, visitor: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    def broken() -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setitem(served.view_functions, "people.me", broken)
    answer = visitor(cast.viewer).get("/me")
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    assert number in answer.text
    assert "lights" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "milepost.error"]
    line = json.loads(JsonLines().format(record))
    assert line["request_id"] == number
    assert "the lights went out" in line["exception"]
