"""What people see when something goes wrong: what happened, what to do next, and everything they had typed."""

from __future__ import annotations

import html
import io
import re
import sqlite3
from typing import Any

import pytest
from flask import Flask, flash, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest

from program import create_app
from program.extensions import db
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from program.people.models import Person
from program.people.session import current_actor
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import BACKEND
from tests.security.conftest import HTTPS, served, served_session, visitor  # noqa: F401 - fixtures

TYPED = 'Łódź "quoted" <script>alert(1)</script> & עברית 🦊'
FORM = {"title": TYPED, "revision": "3", "password": "tajne", "new_password": "tajne", "api_token": "tajne"}


def resent(page: str) -> dict[str, str]:
    """The fields of the form that sends the same again."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.split("data-error-status")[1])
    return {name: html.unescape(value) for name, value in fields}


def raising(served: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:  # noqa: F811
    """Let the view of a form fail after it wrote something."""

    def fail() -> None:
        db.session.get_one(Person, current_actor().person_id).name = "Half written"
        db.session.flush()
        flash("half done")
        raise error

    monkeypatch.setitem(served.view_functions, "people.change_me", fail)


def send(client: Any, form: dict[str, str] | None = None, path: str = "/me") -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)
    assert token is not None
    headers = {"Referer": f"{HTTPS}/me"}
    return client.post(path, data={**(form or FORM), "csrf_token": token[1]}, headers=headers)


CASES = {
    "conflict": (Conflict("Somebody moved on", current_revision=7), 409, "Somebody moved on"),
    "overtaken": (StaleDataError("x"), 409, "in the same moment"),
    "doubled": (IntegrityError("INSERT", {}, Exception("unique")), 409, "in the same moment"),
    "forbidden": (Forbidden("Only a manager"), 403, "Only a manager"),
    "not found": (NotFound(), 404, "There is nothing here"),
    "invalid": (Invalid("Not yet", {"title": "Give it a title."}), 422, "Give it a title."),
    "too many": (TooMany("Wait a minute", 60), 429, "Wait a minute"),
    "unreadable": (BadRequest(), 400, "cannot be read"),
    "not for databases": (DataError("x", {}, Exception("zero byte")), 400, "cannot be read"),
    "busy": (OperationalError("x", {}, Exception("database is locked")), 503, "database is busy"),
    "broken": (RuntimeError("the lights went out"), 500, "broke on our side"),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_typed_is_lost_and_nothing_is_half_written(
    served: Flask,  # noqa: F811
    cast: Cast,
    visitor: Any,  # noqa: F811
    case: str,
    monkeypatch: pytest.MonkeyPatch,
):
    error, status, told = CASES[case]
    raising(served, monkeypatch, error)
    answer = send(visitor(cast.viewer))
    assert answer.status_code == status
    page = answer.text
    assert told in page
    assert f'data-error-status="{status}"' in page
    assert str(html.escape(TYPED)).replace("&quot;", "&#34;") in page
    assert "<script>alert" not in page
    assert "tajne" not in page
    assert "lights" not in page
    # The frame is there: whose page it is, and how to get away.
    assert "Wanda Łoś" in page
    assert answer.headers["X-Request-ID"]
    with served.app_context():
        assert db.session.get_one(Person, cast.viewer.id).name == "Wanda Łoś"
    if status >= 500:
        assert answer.headers["X-Request-ID"] in page.split("give this number")[1]


def test_after_a_conflict_ones_own_can_be_saved_over_the_newer(
    served: Flask,  # noqa: F811
    cast: Cast,
    visitor: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    raising(served, monkeypatch, CASES["conflict"][0])
    page = send(visitor(cast.viewer)).text
    assert "Save mine instead" in page
    fields = resent(page)
    assert fields.pop("csrf_token")
    assert fields == {"title": TYPED, "revision": "7"}


def test_a_form_from_an_old_page_can_be_sent_again(cast: Cast, visitor: Any):  # noqa: F811
    client = visitor(cast.viewer)
    form = {"name": "Wanda Ł.", "locale": "pl", "theme": "dark", "timezone": "Europe/Warsaw", "revision": "1"}
    headers = {"Referer": f"{HTTPS}/me"}
    refused = client.post("/me", data={**form, "csrf_token": "old"}, headers=headers)
    assert refused.status_code == 400
    fields = resent(refused.text)
    assert {name: fields[name] for name in form} == form
    assert client.post("/me", data=fields, headers=headers).status_code == 303
    assert "Wanda Ł." in client.get("/me").text


def test_who_was_signed_out_meanwhile_signs_in_beside_it_and_sends_it_again(cast: Cast, visitor: Any):  # noqa: F811
    form = {"name": "Wanda Ł.", "locale": "en", "theme": "dark", "timezone": "Europe/Warsaw", "revision": "1"}
    client = visitor()
    headers = {"Referer": f"{HTTPS}/me"}
    refused = client.post("/me", data={**form, "csrf_token": "old"}, headers=headers)
    assert refused.status_code == 401
    assert "Wanda Ł." in refused.text
    assert 'target="_blank"' in refused.text
    with client.session_transaction(base_url=HTTPS) as cookie:
        cookie.clear()
        cookie["_user_id"] = f"{cast.viewer.id}.{cast.viewer.session_key}"
    again = client.post("/me", data=resent(refused.text), headers=headers)
    # The sign-in made a new session, so the page asks once more: that is the price of refusing forged forms.
    assert again.status_code == 400
    assert client.post("/me", data=resent(again.text), headers=headers).status_code == 303


def test_a_message_of_what_did_not_happen_is_not_shown_later(
    served: Flask,  # noqa: F811
    cast: Cast,
    visitor: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    raising(served, monkeypatch, CASES["broken"][0])
    client = visitor(cast.viewer)
    send(client)
    assert "half done" not in client.get("/me").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("size", "kind"),
    [(1_100_000, "application/x-www-form-urlencoded"), (11_000_000, "multipart/form-data; boundary=x")],
)
def test_what_is_too_large_is_answered_in_words(
    cast: Cast,
    visitor: Any,  # noqa: F811
    size: int,
    kind: str,
):
    answer = visitor(cast.viewer).post("/me", data=b"n=" + b"x" * size, content_type=kind)
    assert answer.status_code == 413
    assert "A file may have up to 10 MB" in answer.text
    assert len(answer.data) < 100_000


@pytest.mark.one_database
def test_what_was_too_large_is_read_away_so_that_the_browser_listens(cast: Cast, visitor: Any):  # noqa: F811
    body = io.BytesIO(b"x" * 11_000_000)
    headers = {"Content-Length": "11000000", "Content-Type": "multipart/form-data; boundary=x"}
    answer = visitor(cast.viewer).post("/me", input_stream=body, headers=headers)
    assert answer.status_code == 413
    assert body.read() == b""


@pytest.mark.one_database
def test_the_wrong_method_says_what_is_taken(cast: Cast, visitor: Any):  # noqa: F811
    answer = visitor(cast.viewer).get("/sign-out")
    assert answer.status_code == 405
    assert "use the buttons" in answer.text
    assert "POST" in answer.headers["Allow"]


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["/nothing", "/%00", "/p/", "/people/abc", "/static/../settings.py", "/" + "x" * 5000])
@pytest.mark.parametrize("signed_in", [True, False])
def test_addresses_that_are_not_there(cast: Cast, visitor: Any, path: str, signed_in: bool):  # noqa: F811
    answer = visitor(cast.viewer if signed_in else None).get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert ("Sign in" in answer.text) is not signed_in


@pytest.mark.one_database
def test_the_page_speaks_the_readers_language(cast: Cast, visitor: Any):  # noqa: F811
    headers = {"Accept-Language": "pl"}
    for method, path in (("GET", "/nothing"), ("POST", "/me"), ("POST", "/sign-in")):
        assert 'lang="pl"' in visitor().open(path, method=method, headers=headers).text


@pytest.mark.one_database
def test_going_back_never_leads_elsewhere(cast: Cast, visitor: Any):  # noqa: F811
    client = visitor(cast.viewer)
    for referrer, back in (
        (f"{HTTPS}/me", f"{HTTPS}/me"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ):
        page = client.get("/nothing", headers={"Referer": referrer}).text
        assert f'href="{back}">Go back' in page
        assert referrer == back or referrer not in page


def dead(url: str) -> Flask:
    """An app whose database is not there."""
    return create_app(Settings(secret_key="x", database_url=url), TESTING=True, RAISE_UNKNOWN_ERRORS=False)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite3", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_without_a_database_there_is_still_a_page(url: str):
    app = dead(url)
    sent = {"name": TYPED, "password": "tajne"}
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1.key"
        cookie["csrf_token"] = "x"
    for answer in (client.get("/me"), client.post("/me", data=sent)):
        assert answer.status_code == 503
        assert "The database is busy" in answer.text
        assert 'class="plain"' in answer.text
        assert answer.headers["Content-Security-Policy"]
    assert str(html.escape(TYPED)).replace("&quot;", "&#34;") in answer.text
    assert "tajne" not in answer.text
    # What needs no database is served as ever.
    assert client.get("/healthz").status_code == 200
    assert app.test_client().get("/sign-in").status_code == 200


@pytest.mark.skipif(BACKEND != "sqlite", reason="SQLite's own way of being busy")
def test_a_locked_database_is_called_busy(served: Flask, cast: Cast, visitor: Any):  # noqa: F811
    with served.app_context():
        path = db.engine.url.database
        raw = db.session.connection().connection.dbapi_connection
        raw.execute("PRAGMA busy_timeout=50")
        db.session.rollback()
    other = sqlite3.connect(path)
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = send(visitor(cast.viewer))
    finally:
        other.close()
        with served.app_context():
            db.engine.dispose()
    assert answer.status_code == 503
    assert "Send it again" in answer.text


def test_a_page_that_only_reads_cannot_write(served: Flask, cast: Cast, visitor: Any, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    def write() -> str:
        db.session.get_one(Person, cast.viewer.id).name = request.path
        db.session.flush()
        return "written"

    monkeypatch.setitem(served.view_functions, "people.me", write)
    assert visitor(cast.viewer).get("/me").status_code >= 500
