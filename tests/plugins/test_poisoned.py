"""A poisoned plugin of each sort, and the pages it must not break: the core's, the other plugins', its own."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from program.clock import due
from program.extensions import db
from program.ground import database, ticks
from program.ground.errors import MilepostError
from program.ground.now import held_at, utc_now
from program.outbox import transports
from program.outbox.fates import Delivered, Misconfigured, ReplyLost, Retry
from program.outbox.transports import OutgoingMessage, Recipient
from program.planning.models import Phase, Program
from program.plugin_api.contract import Connection, Panel
from program.plugin_api.models import ConnectionReport, PluginPanel, ProgramPlugin
from program.plugin_host import calling, checking, lists, panels, reports, switching, syncing
from program.plugin_host.calling import PluginFailed, call
from program.plugin_host.host import host
from tests.cast import Cast
from tests.plugins import poisoned, sample
from tests.plugins.conftest import POISONED

MORNING = datetime.fromisoformat("2026-03-02T09:00+01:00")
CORE_PAGES = (
    "/",
    "/p/ALFA/progress",
    "/me",
    "/p/ALFA/",
    "/p/ALFA/checklist",
    "/p/ALFA/settings",
    "/p/ALFA/settings/people",
    "/my-work",
)
PERSON = Recipient(1, "Maria", "maria@alfa.example", "en", "Europe/Warsaw")


def message(key: str = "k") -> OutgoingMessage:
    return OutgoingMessage(1, key, PERSON, "", None, "Subject", (), "en", 1, utc_now(), "http://milepost.example/me")


def way(name: str) -> transports.Transport:
    """The plugin as the outbox has it."""
    return transports.all_of(host_app())[name]


def host_app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", CORE_PAGES)
def test_no_page_of_the_core_breaks_or_calls_a_plugin(
    plugin_app: Flask, cast: Cast, all_on: None, visit: Any, path: str
):
    client = visit(cast.manager)
    sample.CALLS.clear()
    started = time.monotonic()
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    assert sample.CALLS == []
    # Nothing hangs either: a hook of 'hangs' would have held the page for fifty seconds.
    assert time.monotonic() - started < 45


def test_the_overview_keeps_a_place_and_fetches_it_after(plugin_app: Flask, cast: Cast, all_on: None, visit: Any):
    with plugin_app.app_context(), database.transaction():
        days = {"planned_start": date(2026, 3, 2), "planned_end": date(2026, 4, 24)}
        db.session.add(Phase(program_id=cast.program_id, position=1, name="Pilot", **days))
    page = visit(cast.viewer).get("/p/ALFA/").text
    assert 'hx-get="/p/ALFA/panels"' in page
    assert "Sample says" not in page


def at(minutes: int) -> Any:
    """So many minutes after a morning: what was asked for is due again after five."""
    return held_at(MORNING + timedelta(minutes=minutes))


def test_panels_are_kept_and_those_of_the_poisoned_show_as_such(
    plugin_app: Flask, cast: Cast, all_on: None, visit: Any, impatient: None, statements: Any
):
    with plugin_app.app_context(), at(0):
        assert panels.fetch_due() == 4
        # Not due again, and nobody is asked by the pages.
        assert panels.fetch_due() == 0
    sample.CALLS.clear()
    with at(1):
        parts = visit(cast.viewer).get("/p/ALFA/panels", headers={"HX-Request": "true"})
        progress = visit(cast.viewer).get("/p/ALFA/progress")
        admin = visit(cast.admin)
        assert "SystemExit: 3" in admin.get("/admin/plugins/raises").text
        assert "did not answer within 0.5 seconds" in admin.get("/admin/plugins/hangs").text
        assert "Panel(title" in admin.get("/admin/plugins/nonsense").text
    assert sample.CALLS == []
    for page in (parts, progress):
        assert page.status_code == 200
        assert "Sample says" in page.text
        assert "Hello Alfa Bank omnichannel" in page.text
        assert page.text.count("As of Mon 2 Mar, 09:00") == 1
        for name in ("Raises", "Hangs", "Nonsense"):
            assert f"{name} does not answer." in page.text
        # Why is for those who can do something about it.
        assert "SystemExit" not in page.text
    with statements() as ran, at(2):
        assert visit(cast.viewer).get("/p/ALFA/progress").status_code == 200
    assert len(ran) <= 12


def test_a_panel_keeps_what_it_said_while_its_plugin_fails_is_off_or_gone(
    plugin_app: Flask, cast: Cast, all_on: None, visit: Any, impatient: None, monkeypatch: pytest.MonkeyPatch
):
    def shown(minutes: int) -> str:
        with plugin_app.app_context(), at(minutes):
            panels.fetch_due()
        with at(minutes):
            return str(visit(cast.viewer).get("/p/ALFA/panels", headers={"HX-Request": "true"}).text)

    sample.INSTEAD["panels"] = lambda _program: [Panel("<b>Box</b>", "<script>1</script>" * 200, [("<i>", "<u>")])]
    page = shown(0)
    assert "&lt;b&gt;Box" in page
    assert "<script" not in page
    assert "<b>" not in page
    assert len(page) < 20_000

    def fail(_program: Any) -> Any:
        raise Retry("not now")

    sample.INSTEAD["panels"] = fail
    page = shown(10)
    assert "&lt;b&gt;Box" in page
    assert "Sample does not answer." in page
    assert "As of Mon 2 Mar, 09:00" in page
    # It answers again.
    sample.INSTEAD["panels"] = lambda program: [Panel("Again", str(program.today))]
    page = shown(20)
    assert "Again" in page
    assert "Sample does not answer." not in page
    assert "As of Mon 2 Mar, 09:20" in page
    # Off in the program: it stays for a week as such, then it is forgotten.
    with plugin_app.app_context(), database.transaction():
        switching.set_in_program(cast.manager.actor, cast.program_id, "sample", False)
    assert "Sample is switched off." in shown(30)
    assert "Again" in shown(60 * 24 * 6)
    assert "Again" not in shown(60 * 24 * 8)


def test_the_panels_of_many_programs_share_a_round_and_a_hanging_plugin_delays_no_other(
    plugin_app: Flask, cast: Cast, all_on: None, impatient: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(panels, "ROUND", 0.0)
    with plugin_app.app_context():
        with database.transaction():
            days = {"starts_on": date(2026, 1, 1), "timezone": "UTC", "country": "PL"}
            copy = Program(key="TWO", name="Two", name_folded="two", locale="en", **days)
            db.session.add(copy)
            db.session.flush()
            db.session.add_all(ProgramPlugin(program_id=copy.id, plugin=name) for name in ("sample", "hangs"))
            two = copy.id
        with at(0):
            # Each round has time for one program of each plugin; the next begins with who was left.
            assert panels.fetch_due() == 4
            assert panels.fetch_due() == 2
            assert panels.fetch_due() == 0
        with database.looking():
            kept = {
                (row.program_id, row.plugin): row.reason for row in db.session.execute(select(PluginPanel.__table__))
            }
    assert kept[(two, "sample")] == ""
    assert kept[(cast.program_id, "sample")] == ""
    assert "hang" in kept[(two, "hangs")] or "within 0.5 seconds" in kept[(two, "hangs")]


@pytest.mark.parametrize("name", POISONED)
def test_its_own_page_stands_and_says_what_is_wrong(
    plugin_app: Flask, cast: Cast, all_on: None, visit: Any, impatient: None, name: str
):
    client = visit(cast.admin)
    assert client.get(f"/admin/plugins/{name}").status_code == 200
    answer = client.post(f"/admin/plugins/{name}/settings", data={"set-name": "x"})
    assert answer.status_code in (422, 303)
    assert client.post(f"/admin/plugins/{name}/check").status_code == 303
    page = client.get(f"/admin/plugins/{name}").text
    assert "It failed" in page or "It hangs" in page
    assert "Needs attention" in page or "Failing" in page


def test_what_a_plugin_says_is_escaped(plugin_app: Flask, cast: Cast, all_on: None, visit: Any):
    page = visit(cast.admin).get("/admin/plugins/raises").text
    assert "no form today &lt;b&gt;really&lt;/b&gt;" in page
    assert "<b>really" not in page


@pytest.mark.parametrize("name", POISONED)
def test_a_program_s_pages_of_it_stand(
    plugin_app: Flask, cast: Cast, all_on: None, visit: Any, impatient: None, name: str
):
    client = visit(cast.manager)
    for path in ("", f"/{name}"):
        assert client.get(f"/p/ALFA/settings/plugins{path}").status_code == 200
    if name != "hangs":
        page = client.get(f"/p/ALFA/settings/plugins/{name}/new")
        assert page.status_code == 200
        assert "could not give its form" in page.text


def test_an_exception_becomes_a_reason_with_its_hook_and_time(inside: Flask, all_on: None):
    with pytest.raises(PluginFailed, match="SystemExit: 3"):
        call(host().plugins["raises"], "panels", lambda answer: answer, program=None)
    line = line_of("raises")
    assert (line.failed_hook, line.failures) == ("panels", 1)
    assert line.failed_at is not None


def line_of(name: str) -> Any:
    with database.looking():
        return lists.line_of(host().plugins[name])


def test_an_exception_that_cannot_be_printed_is_named(inside: Flask, all_on: None):
    health = checking.check(host().plugins["raises"])
    assert not health.good
    assert "its message cannot be read" in health.sentence


def test_a_secret_in_an_error_is_blotted_out(inside: Flask, all_on: None):
    connection = Connection("raises", values={"password": poisoned.SECRET}, secret_names=frozenset({"password"}))
    with pytest.raises(PluginFailed) as caught:
        call(
            host().plugins["raises"],
            "deliver",
            lambda answer: answer,
            secrets=checking.secrets_of(connection),
            message=message(),
            connection=connection,
        )
    assert poisoned.SECRET not in caught.value.reason
    assert "could not sign in with •••" in line_of("raises").reason


def test_a_hanging_call_is_left_behind_and_the_plugin_left_alone(inside: Flask, all_on: None, impatient: None):
    hangs = host().plugins["hangs"]
    with pytest.raises(PluginFailed, match="within 0\\.5 seconds") as first:
        call(hangs, "check", lambda answer: answer, connection=Connection("hangs"))
    assert first.value.was_called
    with pytest.raises(PluginFailed, match="still hangs in check") as second:
        call(hangs, "check", lambda answer: answer, connection=Connection("hangs"))
    # Not asked at all: no second thread, no second wait.
    assert not second.value.was_called
    assert line_of("hangs").state == "failing"
    # No other plugin is touched.
    assert checking.check(host().plugins["sample"]).good


def test_a_plugin_that_comes_back_is_called_again(inside: Flask, all_on: None, impatient: None):
    hangs = host().plugins["hangs"]
    with pytest.raises(PluginFailed):
        call(hangs, "sync", lambda answer: answer, connection=Connection("hangs"))
    poisoned.LET_GO.set()
    inside.extensions[calling.CALLS].wait_for_all(5)
    assert call(hangs, "sync", lambda answer: answer, connection=Connection("hangs")) is None


def test_a_plugin_does_not_pile_up(inside: Flask, all_on: None):
    calls = calling.Calls()
    for _number in range(calling.MOST_AT_ONCE):
        assert calls.enter("sample", calling.Call("check", 60)) == ""
    assert "busy with" in calls.enter("sample", calling.Call("check", 60))
    assert calls.enter("raises", calling.Call("check", 60)) == ""


def test_a_machine_without_threads_to_spare_is_told(inside: Flask, all_on: None, monkeypatch: pytest.MonkeyPatch):
    def none_left(_thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    sample_plugin = host().plugins["sample"]
    with monkeypatch.context() as patched:
        patched.setattr(calling.threading.Thread, "start", none_left)
        with pytest.raises(PluginFailed, match="No thread") as caught:
            call(sample_plugin, "check", lambda answer: answer, connection=Connection("sample"))
    assert not caught.value.was_called
    # It is not taken for one that hangs.
    assert call(sample_plugin, "check", lambda answer: answer, connection=Connection("sample")).good


def test_messages_by_a_plugin_that_raises_may_have_gone_out(inside: Flask, all_on: None):
    with pytest.raises(ReplyLost, match="could not sign in"):
        way("raises").deliver(message())
    with pytest.raises(ReplyLost, match="contract does not know"):
        way("nonsense").deliver(message())


def test_messages_by_a_plugin_that_hangs_may_have_gone_out_and_the_next_waits(
    inside: Flask, all_on: None, impatient: None
):
    with pytest.raises(ReplyLost, match="within 0\\.5 seconds"):
        way("hangs").deliver(message("first"))
    with pytest.raises(Retry, match="still hangs"):
        way("hangs").deliver(message("second"))
    assert way("sample").deliver(message("third")) == Delivered("ref-1")


def test_a_plugin_that_cannot_say_whom_it_knows_knows_nobody(inside: Flask, all_on: None):
    assert not way("raises").knows(PERSON, None)
    assert not way("nonsense").knows(PERSON, None)
    assert way("hangs").knows(PERSON, None)
    assert way("sample").knows(PERSON, None)


def test_a_plugin_that_cannot_say_whether_it_arrived_leaves_it_open(inside: Flask, all_on: None):
    assert way("raises").was_delivered(message()) is None
    with pytest.raises(Retry, match="True, False or None"):
        way("nonsense").was_delivered(message())
    assert way("sample").was_delivered(message()) is False


def test_connections_of_the_good_are_looked_after_beside_the_hanging(plugin_app: Flask, connect: Any, impatient: None):
    ids = {name: connect(name, "Board") for name in ("sample", *POISONED)}
    with plugin_app.app_context():
        assert syncing.sync_what_is_due() == 4
        assert [given.id for name, given in sample.CALLS if name == "sync"] == [ids["sample"]]
        reasons = {name: report(connection_id) for name, connection_id in ids.items()}
    assert reasons["sample"] == (0, "")
    assert reasons["raises"] == (1, "ConnectionError: the cable was cut")
    assert reasons["hangs"] == (1, "It did not answer within 0.5 seconds.")
    assert reasons["nonsense"][0] == 1
    assert "sync answers nothing" in reasons["nonsense"][1]


def report(connection_id: int) -> tuple[int, str]:
    with database.looking():
        found = db.session.get(ConnectionReport, connection_id)
        assert found is not None
        return found.failures, found.reason


def test_ticks_of_the_poisoned_are_left_out_and_a_hanging_one_ends(plugin_app: Flask, all_on: None, impatient: None):
    with plugin_app.app_context():
        found = {tick.name: tick for tick in ticks.all_of(plugin_app)}
        assert found["plugin_sample.sweep"].run() == 4
        assert not any(name.startswith(("plugin_raises", "plugin_nonsense")) for name in found)
        with pytest.raises(MilepostError, match="within 0\\.5 seconds"):
            found["plugin_hangs.never"].run()


def test_a_tick_that_fails_is_a_sentence_on_the_page_of_the_clock(plugin_app: Flask, all_on: None):
    def fail(_given: Any) -> int:
        raise Misconfigured("The archive is full.")

    sample.INSTEAD["tick"] = fail
    with plugin_app.app_context():
        found = {tick.name: tick for tick in ticks.all_of(plugin_app)}
        assert due.run(found["plugin_sample.sweep"]).error == "The archive is full."
        sample.INSTEAD["tick"] = lambda _given: "many"
        assert "ValueError" in due.run(found["plugin_sample.sweep"]).error


def test_a_page_of_its_own_that_fails_is_told_on_its_page(plugin_app: Flask, cast: Cast, all_on: None, visit: Any):
    def fail(_given: Any) -> Any:
        raise RuntimeError("page out of order")

    sample.INSTEAD["hello"] = fail
    client = visit(cast.admin)
    assert client.get("/plugins/sample/hello").status_code == 500
    assert "page out of order" in client.get("/admin/plugins/sample").text
    sample.INSTEAD["hello"] = lambda _given: object()
    assert client.get("/plugins/sample/hello").status_code == 500
    assert "page out of order" not in client.get("/admin/plugins/sample").text


def test_a_failure_that_cannot_be_kept_becomes_no_second_failure(
    inside: Flask, all_on: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def down(*_arguments: Any, **_more: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    monkeypatch.setattr(reports, "upsert", down)
    reports.failed("sample", "check", "it broke")
    assert "could not be kept" in caplog.text
