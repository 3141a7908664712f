"""Pages of playbooks: read by everybody with an account, brought in by managers, refused whole when wrong."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground.errors import Invalid
from program.planning import playbook_shelf
from program.playbooks.loader import BUILTIN_KEYS
from program.playbooks.models import StoredPlaybook
from tests.cast import Cast

SMALL = """
key: small-one
name: {en: Small one <b>bold</b>, pl: Mały}
phases:
  - key: only
    name: {en: Only phase, pl: Jedyna faza}
    weeks: 2
    items:
      - {key: do-it, title: {en: Do it, pl: Zrób to}, week: 1-2}
    gate: {key: end, name: {en: The end, pl: Koniec}}
"""


def send(client: Any, source: str | bytes, name: str = "small.yaml") -> Any:
    raw = source.encode() if isinstance(source, str) else source
    return client.post("/playbooks/_upload", data={"file": (io.BytesIO(raw), name)}, content_type="multipart/form-data")


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(StoredPlaybook)) or 0


def test_everybody_with_an_account_reads_the_catalogue(cast: Cast, browser: Any, statements: Any) -> None:
    client = browser(cast.stranger)
    with statements() as ran:
        page = client.get("/playbooks").text
    assert len(ran) <= 12
    assert "Omnichannel rollout in five stages" in page
    assert "Upload a playbook" not in page
    for key in BUILTIN_KEYS:
        shown = client.get(f"/playbooks/{key}")
        assert shown.status_code == 200
        assert client.get(f"/playbooks/{key}.yaml").text.startswith("#")
    assert client.get("/playbooks/nothing").status_code == 404
    assert client.get("/playbooks/nothing.yaml").status_code == 404
    assert browser().get("/playbooks").status_code == 302


def test_a_playbook_is_readable(cast: Cast, browser: Any) -> None:
    page = browser(cast.viewer).get("/playbooks/rollout").text
    for words in ("Discovery", "Technical set-up", "Omnichannel manager", "KPIs it looks at", "Milestone", "Weeks 1–2"):
        assert words in page


def test_a_manager_brings_one_in_and_a_program_is_made_from_it(app: Flask, cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    answer = send(client, SMALL)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/playbooks/small-one")
    page = client.get("/playbooks/small-one").text
    assert "Small one &lt;b&gt;bold&lt;/b&gt;" in page
    assert "Maria Zielińska" in page
    assert client.get("/playbooks/small-one.yaml").text.strip() == SMALL.strip()
    form = client.get("/programs/new?playbook=small-one").text
    assert "Small one" in form
    again = send(client, SMALL)
    assert again.status_code == 422
    assert "There is a playbook with this key already." in again.text
    assert send(client, SMALL.replace("small-one", "rollout")).status_code == 422
    assert stored(app) == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "The file is empty."),
        ("key: [", "This is not valid YAML"),
        (SMALL.replace("weeks: 2", "weeks: -2"), "Line 7"),
        (SMALL.replace("weeks: 2", "weeks: 2\n    weels: 3"), "weels"),
        (SMALL.replace("week: 1-2", "week: 1-9"), "outside the phase"),
        ("a: &x 1", "Anchors"),
        (b"\xff\xfe\x00k", "UTF-8"),
        (b"PK\x03\x04" + b"\x00" * 64, ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_wrong_file_is_refused_whole_with_reasons(
    app: Flask, cast: Cast, browser: Any, source: str | bytes, words: str
) -> None:
    answer = send(browser(cast.manager), source)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>alert(1)" not in answer.text
    assert stored(app) == 0


def test_a_file_that_is_too_large_is_told(app: Flask, cast: Cast, context: None) -> None:
    # Straight to the verb: a body of that size leaves the test client with a temporary file that it does not close.
    with pytest.raises(Invalid) as told:
        playbook_shelf.upload(cast.manager.actor, b"x" * 600_000, "large.yaml")
    assert "larger than" in playbook_shelf.told(told.value.rows)[0]


def test_no_file_at_all(cast: Cast, browser: Any) -> None:
    client = browser(cast.manager)
    assert "Choose a file." in client.post("/playbooks/_upload", data={}).text
    assert client.post("/playbooks/_upload", data={"file": "not a file"}).status_code == 422


def test_who_may_add(cast: Cast, browser: Any) -> None:
    allowed = {name: browser(getattr(cast, name)).get("/playbooks/_upload").status_code for name in NAMES}
    assert allowed == {"manager": 200, "admin": 200, "contributor": 403, "viewer": 403, "stranger": 403}
    assert send(browser(cast.contributor), SMALL).status_code == 403


NAMES = ("manager", "admin", "contributor", "viewer", "stranger")


def test_who_may_remove_and_that_it_is_asked_first(app: Flask, cast: Cast, browser: Any) -> None:
    send(browser(cast.manager), SMALL)
    path = "/playbooks/small-one/remove"
    assert browser(cast.contributor).post(path, data={"confirmed": "1"}).status_code == 403
    assert browser(cast.manager).post("/playbooks/rollout/remove", data={"confirmed": "1"}).status_code == 403
    asked = browser(cast.manager).post(path, data={})
    assert "Remove the playbook" in asked.text
    assert stored(app) == 1
    assert browser(cast.admin).post(path, data={"confirmed": "1"}).status_code == 303
    assert stored(app) == 0
    assert browser(cast.manager).get("/playbooks/small-one").status_code == 404
