"""Switching plugins on and setting them up: who may, what is kept, and that a secret is never shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.sealing import seal
from program.plugin_api import setups
from program.plugin_api.contract import Health, Misconfigured
from program.plugin_api.models import Connection, PluginState
from program.plugin_host import checking, connections, lists, switching
from program.plugin_host.forms import Kept
from program.plugin_host.host import host
from tests.cast import Cast
from tests.plugins import poisoned, sample

ADMIN = "/admin/plugins/sample"
HERE = "/p/ALFA/settings/plugins/sample"
GOOD = {"set-server": "https://x.example", "set-secret-token": "s3cret-token", "set-loud": "1", "revision": "0"}
BOARD = {"name": "Board", "set-project": "OMNI", "set-depth": "2", "set-kind": "b", "set-secret-key": "k3y-of-theirs"}


def kept_settings(app: Flask) -> Any:
    with app.app_context(), database.looking():
        return setups.of_instance("sample")


def everything_kept(app: Flask) -> str:
    """All that the database holds of plugins and the trail, as text."""
    with app.app_context(), database.looking():
        found = []
        for table in ("plugin_state", "plugin_report", "connection", "connection_report", "audit_entry"):
            found += [str(tuple(row)) for row in db.session.execute(text(f"SELECT * FROM {table}"))]
        return "\n".join(found)


@pytest.mark.parametrize("role", ["manager", "contributor", "viewer", "stranger"])
def test_the_pages_of_plugins_are_not_there_for_others(plugin_app: Flask, cast: Cast, visit: Any, role: str):
    client = visit(getattr(cast, role))
    assert client.get("/admin/plugins").status_code == 404
    assert client.get(ADMIN).status_code == 404
    for part in ("settings", "check", "enabled", "clear"):
        assert client.post(f"{ADMIN}/{part}", data=GOOD | {"value": "1"}).status_code == 404
    assert kept_settings(plugin_app).values == {}
    assert sample.CALLS == []


@pytest.mark.parametrize(("role", "status"), [("contributor", 403), ("viewer", 403), ("stranger", 404)])
def test_a_program_s_plugins_are_its_managers_business(
    plugin_app: Flask, cast: Cast, visit: Any, connect: Any, role: str, status: int
):
    number = connect()
    client = visit(getattr(cast, role))
    for path in ("/p/ALFA/settings/plugins", HERE, f"{HERE}/new", f"{HERE}/{number}"):
        assert client.get(path).status_code == status
    for path in (f"{HERE}/new", f"{HERE}/{number}", *(f"{HERE}/{number}/{part}" for part in ("check", "sync"))):
        assert client.post(path, data=BOARD).status_code == status
    for part in ("enabled", f"{number}/enabled", f"{number}/remove"):
        assert client.post(f"{HERE}/{part}", data={"value": "0", "confirmed": "1"}).status_code == status
    with plugin_app.app_context(), database.looking():
        (row,) = db.session.scalars(select(Connection))
        assert (row.name, row.enabled, row.settings) == ("Board", True, {})


def test_only_what_the_reader_may_know_is_told_of_the_panels(plugin_app: Flask, cast: Cast, visit: Any):
    assert visit(cast.stranger).get("/p/ALFA/panels").status_code == 404
    assert visit(cast.viewer).get("/p/ALFA/panels").status_code == 200


def test_settings_are_kept_checked_and_shown_without_the_secret(plugin_app: Flask, cast: Cast, visit: Any):
    client = visit(cast.admin)
    assert "It is kept encrypted and never shown again." in client.get(ADMIN).text
    answer = client.post(f"{ADMIN}/settings", data=GOOD)
    assert answer.status_code == 303
    (_name, connection) = next(call for call in sample.CALLS if call[0] == "check")
    assert dict(connection.values) == {"server": "https://x.example", "token": "s3cret-token", "loud": True}
    assert connection.program is None
    page = client.get(ADMIN).text
    assert "https://x.example" in page
    assert "All is well." in page
    assert "One is kept. Leave this empty to keep it." in page
    assert "s3cret-token" not in page
    assert "s3cret-token" not in repr(connection)
    assert "s3cret-token" not in everything_kept(plugin_app)


def test_an_empty_secret_stays_and_a_new_one_takes_its_place(plugin_app: Flask, cast: Cast, visit: Any):
    client = visit(cast.admin)
    client.post(f"{ADMIN}/settings", data=GOOD)
    answer = client.post(f"{ADMIN}/settings", data={**GOOD, "set-secret-token": "", "revision": "2"})
    # Asked for, and empty: it counts as given, because it is kept.
    assert answer.status_code == 303
    assert kept_settings(plugin_app).values["token"] == "s3cret-token"
    revision = re.search(r'name="revision" value="(\d+)"', client.get(ADMIN).text)
    assert revision is not None
    client.post(f"{ADMIN}/settings", data={**GOOD, "set-secret-token": "another-one", "revision": revision[1]})
    assert kept_settings(plugin_app).values["token"] == "another-one"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"set-server": ""}, "This field is required."),
        ({"set-server": "x" * 51}, "cannot be longer than 50"),
        ({"set-secret-token": ""}, "This field is required."),
        ({"set-secret-token": "abc"}, "at least 4"),
        ({"set-server": "x" * 100_000}, "cannot be longer than 50"),
    ],
)
def test_wrong_settings_are_told_beside_the_field_and_nothing_is_kept(
    plugin_app: Flask, cast: Cast, visit: Any, sent: dict[str, str], said: str
):
    answer = visit(cast.admin).post(f"{ADMIN}/settings", data={**GOOD, **sent})
    assert answer.status_code == 422
    assert said in answer.text
    assert "field-error" in answer.text
    assert kept_settings(plugin_app).values == {}
    assert not any(name == "check" for name, _given in sample.CALLS)
    # Not even in the answer to the one who typed it.
    assert "s3cret-token" not in answer.text


def test_a_secret_is_not_shown_again_when_the_form_comes_too_late(plugin_app: Flask, cast: Cast, visit: Any):
    client = visit(cast.admin)
    client.post(f"{ADMIN}/settings", data=GOOD)
    client.post(f"{ADMIN}/settings", data={**GOOD, "set-server": "https://y.example", "revision": "2"})
    late = {**GOOD, "set-server": "https://z.example", "set-secret-token": "typed-too-late", "revision": "1"}
    answer = client.post(f"{ADMIN}/settings", data=late)
    assert answer.status_code == 409
    assert "https://z.example" in answer.text
    assert "typed-too-late" not in answer.text


def test_what_does_not_work_is_said_and_stays_on_the_page(plugin_app: Flask, cast: Cast, visit: Any):
    def misconfigured(_connection: Any) -> Health:
        raise Misconfigured("The token s3cret-token is refused: make a new one at x.example.")

    sample.INSTEAD["check"] = misconfigured
    client = visit(cast.admin)
    answer = client.post(f"{ADMIN}/settings", data=GOOD, follow_redirects=True)
    assert "The token ••• is refused: make a new one at x.example." in answer.text
    client.post(f"{ADMIN}/enabled", data={"value": "1"})
    assert "Needs attention" in client.get("/admin/plugins").text


def test_no_transaction_is_open_while_the_outside_is_asked(plugin_app: Flask, cast: Cast, visit: Any):
    def write_meanwhile(_connection: Any) -> Health:
        # On SQLite this would wait for the request's write lock, and fail.
        with database.transaction():
            db.session.add(PluginState(plugin="another", settings={}, secrets={}))
        return Health(True, "Written.")

    sample.INSTEAD["check"] = write_meanwhile
    answer = visit(cast.admin).post(f"{ADMIN}/settings", data=GOOD, follow_redirects=True)
    assert "Written." in answer.text


def test_switching_on_and_off_asks_first_and_is_told_in_the_trail(plugin_app: Flask, cast: Cast, visit: Any):
    client = visit(cast.admin)
    assert "Sample is switched on." in client.post(f"{ADMIN}/enabled", data={"value": "1"}, follow_redirects=True).text
    assert "It stops at once" in client.post(f"{ADMIN}/enabled", data={"value": "0"}).text
    client.post(f"{ADMIN}/enabled", data={"value": "0", "confirmed": "1"})
    assert "Switched off" in client.get(ADMIN).text
    with plugin_app.app_context(), database.looking():
        verbs = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["plugin.enabled", "plugin.disabled"]


def test_a_program_uses_only_what_the_instance_has_switched_on(inside: Flask, cast: Cast):
    with pytest.raises(Invalid, match="administrator has to switch"):
        switching.set_in_program(cast.manager.actor, cast.program_id, "sample", True)
    switching.set_enabled(cast.admin.actor, "sample", True)
    switching.set_in_program(cast.manager.actor, cast.program_id, "sample", True)
    assert switching.is_enabled("sample", cast.program_id)
    switching.set_enabled(cast.admin.actor, "sample", False)
    assert not switching.is_enabled("sample", cast.program_id)
    with pytest.raises(Forbidden):
        switching.set_in_program(cast.viewer.actor, cast.program_id, "sample", False)
    with pytest.raises(NotFound):
        switching.set_in_program(cast.stranger.actor, cast.program_id, "sample", False)
    with pytest.raises(NotFound):
        switching.set_enabled(cast.manager.actor, "sample", True)
    with pytest.raises(NotFound):
        switching.set_enabled(cast.admin.actor, "nobody_knows", True)


def test_a_connection_is_made_checked_changed_and_removed(plugin_app: Flask, cast: Cast, visit: Any, all_on: None):
    client = visit(cast.manager)
    answer = client.post(f"{HERE}/new", data=BOARD)
    assert answer.status_code == 303
    at = answer.location
    (_name, connection) = next(call for call in sample.CALLS if call[0] == "check")
    assert connection.program.key == "ALFA"
    assert connection.values == {"project": "OMNI", "depth": 2, "kind": "b", "key": "k3y-of-theirs"}
    answer = client.get(at)
    assert answer.status_code == 200
    page = answer.text
    assert "All is well." in page
    assert "Waiting to be carried" not in page
    assert "k3y-of-theirs" not in page + everything_kept(plugin_app)
    changed = {**BOARD, "name": "Tafla", "set-depth": "3", "set-secret-key": "", "revision": "1"}
    assert client.post(at, data=changed).status_code == 303
    with plugin_app.app_context(), database.looking():
        (found,) = setups.active("sample")
    assert (found.name, found.values["depth"], found.values["key"]) == ("Tafla", 3, "k3y-of-theirs")
    assert client.post(at, data=changed).status_code == 409
    assert "Nothing is removed outside" in client.post(f"{at}/remove").text
    assert client.post(f"{at}/remove", data={"confirmed": "1"}).status_code == 303
    assert client.get(at).status_code == 404
    assert "Nothing is connected yet" in client.get(HERE).text
    activity = client.get("/p/ALFA/activity").text
    assert "Connection “Tafla” removed" in activity
    assert "Plugin “Sample” switched on" in activity


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Give the connection a name."),
        ({"name": "  \u200b "}, "Give the connection a name."),
        ({"name": "x" * 121}, "Up to 120 letters."),
        ({"name": "Taken"}, "Another connection has this name."),
        ({"set-project": ""}, "This field is required."),
        ({"set-depth": "10"}, "between 1 and 9"),
        ({"set-depth": "two"}, "Not a valid integer value"),
        ({"set-depth": "9" * 40}, "between 1 and 9"),
        ({"set-depth": "9" * 400}, "could not give its form"),
        ({"set-kind": "c"}, "Not a valid choice"),
    ],
)
def test_a_wrong_connection_is_told_beside_the_field_and_not_made(
    plugin_app: Flask, cast: Cast, visit: Any, connect: Any, sent: dict[str, str], said: str
):
    connect(name="Taken")
    answer = visit(cast.manager).post(f"{HERE}/new", data={**BOARD, **sent})
    assert answer.status_code == 422
    assert said in answer.text
    with plugin_app.app_context(), database.looking():
        assert db.session.scalar(select(func.count()).select_from(Connection)) == 1


def test_people_s_names_for_things_are_escaped(plugin_app: Flask, cast: Cast, visit: Any, all_on: None):
    client = visit(cast.manager)
    odd = {**BOARD, "name": "<b>שלום</b> 🦊", "set-project": '"><script>alert(1)</script>'}
    page = client.post(f"{HERE}/new", data=odd, follow_redirects=True).text
    assert "How it is doing" in page
    assert "&lt;b&gt;שלום&lt;/b&gt; 🦊" in page
    assert "<script>alert" not in page


def test_a_connection_of_another_program_or_plugin_is_not_there(
    plugin_app: Flask, cast: Cast, visit: Any, connect: Any
):
    number = connect("nonsense")
    client = visit(cast.manager)
    assert client.get(f"{HERE}/{number}").status_code == 404
    assert client.post(f"{HERE}/{number}/remove", data={"confirmed": "1"}).status_code == 404
    assert client.get(f"{HERE}/{2**31}").status_code == 404
    assert client.get("/p/ALFA/settings/plugins/misspelt").status_code == 404
    assert client.get("/p/ALFA/settings/plugins/nobody").status_code == 404


def test_a_resting_connection_does_nothing_until_it_goes_on(plugin_app: Flask, cast: Cast, visit: Any, connect: Any):
    number = connect()
    client = visit(cast.manager)
    client.post(f"{HERE}/{number}/enabled", data={"value": "0"})
    with plugin_app.app_context(), database.looking():
        assert setups.active("sample") == ()
    assert "The connection rests" in client.get(f"{HERE}/{number}").text
    client.post(f"{HERE}/{number}/enabled", data={"value": "1"})
    with plugin_app.app_context(), database.looking():
        assert [one.id for one in setups.active("sample")] == [number]


@pytest.mark.parametrize("where", ["instance", "program", "closed"])
def test_what_is_switched_off_or_closed_is_not_acted_on(inside: Flask, cast: Cast, connect: Any, where: str):
    connect()
    with database.transaction():
        if where == "instance":
            switching.set_enabled(cast.admin.actor, "sample", False)
        elif where == "program":
            switching.set_in_program(cast.manager.actor, cast.program_id, "sample", False)
        else:
            db.session.execute(text("UPDATE program SET closed_on = '2026-10-01'"))
    with database.looking():
        assert setups.active("sample") == ()


def test_a_secret_of_another_key_is_said_and_asked_for_again(plugin_app: Flask, cast: Cast, visit: Any, connect: Any):
    client = visit(cast.admin)
    client.post(f"{ADMIN}/settings", data=GOOD)
    number = connect()
    with plugin_app.app_context(), database.transaction():
        db.session.execute(text('UPDATE plugin_state SET secrets = \'{"token": "gAAAAnothing"}\''))
        db.session.execute(text('UPDATE connection SET secrets = \'{"key": "gAAAAnothing"}\''))
    assert "can no longer be read" in client.get(ADMIN).text
    assert "MILEPOST_SECRET_KEY has changed" in client.post(f"{ADMIN}/check", follow_redirects=True).text
    page = client.post(f"{HERE}/{number}/check", follow_redirects=True).text
    assert "MILEPOST_SECRET_KEY has changed" in page


def test_the_trail_says_that_a_secret_changed_and_not_what_it_is(inside: Flask, cast: Cast):
    before = Kept({"server": "a", "depth": 1}, {})
    with inside.app_context():
        one, same, other = seal("first"), seal("first"), seal("other")
    assert switching.changed(before, Kept({"server": "b", "depth": 1}, {"token": one})) == {
        "server": ["a", "b"],
        "token": [None, "•••"],
    }
    assert switching.changed(Kept({}, {"token": one}), Kept({}, {"token": same})) == {}
    assert switching.changed(Kept({}, {"token": one}), Kept({}, {"token": other})) == {"token": ["•••", "•••"]}


def test_an_edit_from_an_older_state_is_refused(inside: Flask, cast: Cast):
    switching.save_settings(cast.admin.actor, "sample", Kept({"server": "a"}), seen=0)
    switching.save_settings(cast.admin.actor, "sample", Kept({"server": "b"}), seen=0)
    with pytest.raises(Conflict):
        switching.save_settings(cast.admin.actor, "sample", Kept({"server": "c"}), seen=1)


def test_the_hour_s_check_asks_whom_it_has_not_asked(plugin_app: Flask, cast: Cast, connect: Any):
    number = connect()
    with plugin_app.app_context():
        with database.transaction():
            for name in ("raises", "hangs", "nonsense"):
                switching.set_enabled(cast.admin.actor, name, False)
        assert checking.check_what_is_due() == 2
        assert [given.id for name, given in sample.CALLS if name == "check"] == [0, number]
        assert checking.check_what_is_due() == 0


def test_a_plugin_that_was_taken_away_is_listed_as_such(inside: Flask, cast: Cast, visit: Any):
    with database.transaction():
        db.session.add(PluginState(plugin="departed", enabled=True, settings={}, secrets={}))
    page = visit(cast.admin).get("/admin/plugins").text
    assert "departed" in page
    assert "Not installed" in page
    assert visit(cast.admin).get("/admin/plugins/departed").status_code == 404


def test_pages_stay_within_their_statements(plugin_app: Flask, cast: Cast, visit: Any, connect: Any):
    for number in range(40):
        connect(name=f"Board {number}")
    # How long a hanging plugin is waited for is not asked here.
    poisoned.LET_GO.set()
    with plugin_app.app_context():
        engine = db.engine
    ran: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_r: ran.append(statement))
    for client, path in (
        (visit(cast.admin), "/admin/plugins"),
        (visit(cast.admin), ADMIN),
        (visit(cast.manager), "/p/ALFA/settings/plugins"),
        (visit(cast.manager), HERE),
        (visit(cast.manager), f"{HERE}/new"),
        (visit(cast.viewer), "/p/ALFA/panels"),
    ):
        ran.clear()
        assert client.get(path).status_code == 200
        assert len(ran) <= 12, (path, ran)


def test_a_listed_plugin_shows_the_worst_that_is_known_of_it(inside: Flask, all_on: None):
    with database.looking():
        lines = {line.name: line.state for line in lists.all_lines()}
    assert lines["sample"] == "unknown"
    assert lines["misspelt"] == "broken"
    assert lines["raises"] == "failing"
    assert host().plugins["misspelt"].is_broken


def test_a_crowd_of_connections_is_refused(inside: Flask, cast: Cast, all_on: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "MOST", 1)
    connections.add(cast.manager.actor, cast.program_id, "sample", "One", Kept())
    with pytest.raises(Invalid, match="at most 1 connections"):
        connections.add(cast.manager.actor, cast.program_id, "sample", "Two", Kept())


def test_what_wtforms_says_by_itself_is_said_in_the_readers_language(plugin_app: Flask, cast: Cast, visit: Any):
    with plugin_app.app_context(), database.transaction():
        db.session.execute(text("UPDATE person SET locale = 'pl'"))
    answer = visit(cast.admin).post(f"{ADMIN}/settings", data={**GOOD, "set-server": ""})
    assert "To pole jest wymagane." in answer.text


def test_a_form_that_hangs_holds_up_nobody_s_writing(plugin_app: Flask, cast: Cast, visit: Any):
    def write_meanwhile(_given: Any) -> Any:
        # On SQLite this would wait for the request's write lock, and fail.
        with database.transaction():
            db.session.add(PluginState(plugin="another", settings={}, secrets={}))
        return sample.SettingsForm

    sample.INSTEAD["settings_form"] = write_meanwhile
    assert visit(cast.admin).post(f"{ADMIN}/settings", data=GOOD).status_code == 303


def test_a_program_s_list_shows_its_worst_connection(plugin_app: Flask, cast: Cast, visit: Any, connect: Any):
    number = connect()
    with plugin_app.app_context(), database.transaction():
        db.session.execute(
            text(f"UPDATE connection_report SET failures = 1, reason = 'x' WHERE connection_id = {number}")
        )
    client = visit(cast.manager)
    assert "Failing" in client.get(HERE).text


@pytest.fixture
def earnest(plugin_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are held to their tokens."""
    monkeypatch.setitem(plugin_app.config, "WTF_CSRF_ENABLED", True)


def test_machines_need_no_token_and_people_do(plugin_app: Flask, cast: Cast, visit: Any, all_on: None, earnest: None):
    machine = visit()
    answer = machine.post("/plugins/sample/in", data=b"12345", content_type="application/json")
    assert (answer.status_code, answer.get_json()) == (200, {"taken": 5})
    assert visit(cast.admin).post(f"{ADMIN}/check").status_code == 400
    assert visit().get("/plugins/sample/hello").status_code == 302


def test_pages_of_a_plugin_that_is_switched_off_are_not_there(plugin_app: Flask, cast: Cast, visit: Any):
    assert visit(cast.admin).get("/plugins/sample/hello").status_code == 404
    assert visit().post("/plugins/sample/in").status_code == 404
