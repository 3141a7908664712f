"""The webhook of `examples/webhook`: what happens in a program arrives, signed, once where the answer did."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from program import create_app
from program.extensions import db
from program.ground import database, ticks
from program.ground.now import held_at, utc_now
from program.ground.sealing import seal
from program.planning import items
from program.planning.items import ItemDraft
from program.plugin_api import core, outside
from program.plugin_api.models import ConnectionReport
from program.plugin_host import calling, checking, connections, switching, syncing
from program.plugin_host.forms import Kept
from program.plugin_host.host import host
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import Browser
from tests.fakes.receiver import Receiver, webhook_receiver

EXAMPLE = Path(__file__).parents[2] / "examples" / "webhook"
SECRET = "a secret long enough"
NEW = "/p/ALFA/settings/plugins/webhook/new"


def make_app(database_url: str, internal_hosts: str) -> Flask:
    settings = Settings(database_url=database_url, secret_key="a key for tests only", internal_hosts=internal_hosts)
    point = EntryPoint("webhook", "milepost_webhook:Webhook", "milepost.plugins")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, PLUGINS=[point])
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def hook_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """An app with the example, whose administrator lets this machine be called."""
    sys.path.insert(0, str(EXAMPLE))
    app = make_app(database_url, "127.0.0.1")
    yield app
    sys.path.remove(str(EXAMPLE))
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def hook_app(app: Flask, hook_session: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """That app with the webhook switched on in ALFA."""
    monkeypatch.setattr(calling, "LIMITS", dict.fromkeys(calling.LIMITS, 120.0))
    with hook_session.app_context(), database.transaction():
        switching.set_enabled(cast.admin.actor, "webhook", True)
        switching.set_in_program(cast.manager.actor, cast.program_id, "webhook", True)
    yield hook_session
    with hook_session.app_context():
        db.session.remove()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def connected(hook_app: Flask, cast: Cast, receiver: Receiver) -> int:
    """ALFA tells the receiver about added and changed items, from now on."""
    with hook_app.app_context():
        with database.transaction():
            settings = {"url": receiver.url, "events": ["item.created", "item.changed"]}
            kept = Kept(settings, {"secret": seal(SECRET)})
            number = connections.add(cast.manager.actor, cast.program_id, "webhook", "Bus", kept)
        sync(hook_app, number)
    return number


def sync(app: Flask, number: int) -> bool:
    """One round, as the clock does it."""
    with app.app_context():
        return syncing.sync(host().plugins["webhook"], number)


def add(app: Flask, cast: Cast, *titles: str) -> None:
    with app.app_context(), database.transaction():
        items.add_items(cast.manager.actor, cast.program_id, [ItemDraft(title) for title in titles])


def report(app: Flask, number: int) -> tuple[int, str, bool]:
    with app.app_context(), database.looking():
        found = db.session.get(ConnectionReport, number)
        assert found is not None
        return found.failures, found.reason, found.needs_person


def states(app: Flask) -> list[tuple[str, int, str]]:
    with app.app_context():
        (connection,) = core.active_connections("webhook")
        links, _total = core.list_links(connection, "event")
        return [(link.state.value, link.attempts, link.error) for link in reversed(links)]


def test_it_tells_what_happens_from_now_on_and_each_thing_once(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int
):
    assert receiver.told == []
    add(hook_app, cast, "Map", "Test")
    assert sync(hook_app, connected)
    assert [(body["event"], body["object"]["name"]) for body in receiver.told] == [
        ("item.created", "Map"),
        ("item.created", "Test"),
    ]
    assert receiver.told[0]["program"] == "ALFA"
    assert receiver.told[0]["changes"]["title"] == [None, "Map"]
    sync(hook_app, connected)
    assert len(receiver.told) == 2
    assert states(hook_app) == [("done", 1, ""), ("done", 1, "")]


def test_only_chosen_events_are_told(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    with hook_app.app_context(), database.transaction():
        (item,) = items.add_items(cast.manager.actor, cast.program_id, [ItemDraft("Map")])
        items.set_tags(cast.manager.actor, item, ["sklep"])
    sync(hook_app, connected)
    assert [body["event"] for body in receiver.told] == ["item.created"]


def test_a_receiver_can_check_it_as_the_readme_says(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    add(hook_app, cast, "Żółć 🦊")
    sync(hook_app, connected)
    code = re.search(r"```python\n(.+?)```", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    headers, body = receiver.taken[-1]
    assert names["is_genuine"](SECRET, headers, body)
    assert not names["is_genuine"]("another secret here", headers, body)
    assert not names["is_genuine"](SECRET, headers, body + b" ")
    assert not names["is_genuine"](SECRET, {**headers, "X-Milepost-Timestamp": "1700000000"}, body)
    assert json.loads(body)["delivery"] == headers["X-Milepost-Delivery"]


def test_the_readme_s_example_has_the_real_shape(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    add(hook_app, cast, "Map")
    sync(hook_app, connected)
    shown = re.search(r"```json\n(.+?)```", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    example, real = json.loads(shown[1]), receiver.told[0]
    assert set(example) == set(real)
    assert set(example["object"]) == set(real["object"])


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_busy_receiver_is_tried_again_in_order(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int, status: int
):
    receiver.statuses = [status, 200]
    add(hook_app, cast, "One", "Two")
    assert not sync(hook_app, connected)
    assert [body["object"]["name"] for body in receiver.told] == ["One"]
    assert report(hook_app, connected) == (1, f"The receiver answered {status}.", False)
    assert sync(hook_app, connected)
    assert [body["object"]["name"] for body in receiver.told] == ["One", "One", "Two"]
    assert receiver.told[0]["delivery"] == receiver.told[1]["delivery"]
    assert states(hook_app) == [("done", 2, ""), ("done", 1, "")]


def test_the_receiver_s_own_wait_is_honoured(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    receiver.statuses, receiver.headers = [429], {"Retry-After": "5400"}
    add(hook_app, cast, "One")
    sync(hook_app, connected)
    with hook_app.app_context(), database.looking():
        found = db.session.get(ConnectionReport, connected)
        assert found is not None
        assert found.sync_at - utc_now() > timedelta(minutes=89)


def test_a_refused_delivery_is_given_up_and_the_next_goes_on(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int
):
    receiver.statuses = [400, 200]
    add(hook_app, cast, "One", "Two")
    assert sync(hook_app, connected)
    assert states(hook_app) == [("failed", 1, "The receiver answered 400."), ("done", 1, "")]


def test_after_many_tries_it_is_given_up_and_can_be_sent_again(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int
):
    receiver.statuses = [500]
    add(hook_app, cast, "One")
    for _try in range(12):
        sync(hook_app, connected)
    assert states(hook_app) == [("failed", 12, "The receiver answered 500.")]
    sync(hook_app, connected)
    assert len(receiver.told) == 12
    receiver.statuses = [200]
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    page = client.get(f"/plugins/webhook/{connected}").text
    assert "1 given up" in page
    assert "The receiver answered 500." in page
    assert client.post(f"/plugins/webhook/{connected}/replay").status_code == 303
    with hook_app.app_context():
        assert syncing.sync_what_is_due() == 1
    assert states(hook_app) == [("done", 1, "")]


def test_one_delivery_can_be_sent_again_as_it_was(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    add(hook_app, cast, "One")
    sync(hook_app, connected)
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    here = f"/plugins/webhook/{connected}"
    (path,) = re.findall(rf'action="({here}/\d+/replay)"', client.get(here).text)
    assert client.post(path).status_code == 303
    with hook_app.app_context():
        assert syncing.sync_what_is_due() == 1
    first, second = receiver.told
    assert first == second
    assert client.post(f"{here}/99999/replay").status_code == 404


def test_deliveries_are_their_managers_business(hook_app: Flask, cast: Cast, connected: int):
    here = f"/plugins/webhook/{connected}"
    for who, status in (("viewer", 403), ("contributor", 403), ("stranger", 404), ("manager", 200), ("admin", 200)):
        client = hook_app.test_client().sign_in(getattr(cast, who))  # type: ignore[attr-defined]
        assert client.get(here).status_code == status
        assert client.post(f"{here}/replay").status_code == (303 if status == 200 else status)
    assert hook_app.test_client().get(here).status_code == 302
    with hook_app.app_context(), database.transaction():
        switching.set_enabled(cast.admin.actor, "webhook", False)
    client = hook_app.test_client().sign_in(cast.admin)  # type: ignore[attr-defined]
    assert client.get(here).status_code == 404


def test_the_connection_s_page_leads_to_its_deliveries(hook_app: Flask, cast: Cast, connected: int):
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    page = client.get(f"/p/ALFA/settings/plugins/webhook/{connected}").text
    assert f'href="/plugins/webhook/{connected}"' in page
    assert "Nothing was delivered yet" in client.get(f"/plugins/webhook/{connected}").text


def test_what_people_write_is_escaped(hook_app: Flask, cast: Cast, connected: int):
    add(hook_app, cast, "<script>alert(1)</script>")
    sync(hook_app, connected)
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    assert "<script>alert" not in client.get(f"/plugins/webhook/{connected}").text


@pytest.mark.parametrize("strange", ["?page=x", "?page=-1", "?page=99999999999", "?state=odd", "?page=²"])
def test_strange_addresses_are_answered(hook_app: Flask, cast: Cast, connected: int, strange: str):
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    assert client.get(f"/plugins/webhook/{connected}{strange}").status_code == 200


@pytest.mark.parametrize(("status", "said"), [(301, "Redirects are not followed"), (410, "no longer listens")])
def test_a_redirect_or_a_goodbye_waits_for_a_person(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int, status: int, said: str
):
    receiver.statuses, receiver.headers = [status], {"Location": "http://127.0.0.1:1/"}
    add(hook_app, cast, "One")
    assert not sync(hook_app, connected)
    failures, reason, needs_person = report(hook_app, connected)
    assert (failures, needs_person) == (1, True)
    assert said in reason
    assert states(hook_app) == [("waiting", 0, "")]


def test_it_is_checked_with_a_signed_ping(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    with hook_app.app_context():
        assert checking.check(host().plugins["webhook"], connected).sentence == "The receiver answers."
        receiver.statuses = [401]
        health = checking.check(host().plugins["webhook"], connected)
        assert (health.good, "with 401" in health.sentence) == (False, True)
    assert receiver.taken[-1][0]["X-Milepost-Event"] == "ping"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"set-url": "http://10.0.0.7/"}, "inside the own network"),
        ({"set-url": "http://169.254.169.254/latest"}, "inside the own network"),
        ({"set-url": "ftp://x.pl/"}, "begins with https"),
        ({"set-url": ""}, "Give the address"),
        ({"set-secret-secret": "short"}, "between 16 and 200"),
        ({"set-events": ""}, "valid choice"),
    ],
)
def test_a_wrong_form_is_refused(hook_app: Flask, cast: Cast, sent: dict[str, str], said: str):
    client = hook_app.test_client().sign_in(cast.manager)  # type: ignore[attr-defined]
    form = {"name": "Bus", "set-url": "http://127.0.0.1:1/", "set-secret-secret": SECRET, "set-events": "gate.decided"}
    answer = client.post(NEW, data={**form, **sent})
    assert answer.status_code == 422
    assert re.search(said, answer.text)
    assert SECRET not in answer.text


def test_a_name_that_leads_inside_is_never_called(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int, monkeypatch: pytest.MonkeyPatch
):
    add(hook_app, cast, "One")
    with hook_app.app_context(), database.transaction():
        settings = {"url": f"http://hooks.pl:{receiver.port}/", "events": ["item.created"]}
        kept = Kept(settings, {"secret": seal(SECRET)})
        connections.change(cast.manager.actor, cast.program_id, "webhook", connected, "Bus", kept, seen=1)

    def look_up(*_arguments: Any, **_more: Any) -> Any:
        return [(2, 1, 6, "", ("127.0.0.1", receiver.port))]

    monkeypatch.setattr(outside.socket, "getaddrinfo", look_up)
    assert not sync(hook_app, connected)
    assert "inside the own network" in report(hook_app, connected)[1]
    assert receiver.told == []


def test_old_deliveries_are_forgotten_and_those_given_up_are_not(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int
):
    receiver.statuses = [200, 400]
    add(hook_app, cast, "One", "Two")
    sync(hook_app, connected)
    with hook_app.app_context():
        sweep = next(tick for tick in ticks.all_of(hook_app) if tick.name == "plugin_webhook.sweep")
        assert sweep.run() == 0
        with held_at(utc_now() + timedelta(days=31)):
            assert sweep.run() == 1
    assert states(hook_app) == [("failed", 1, "The receiver answered 400.")]


def test_everything_given_up_can_be_sent_again_by_command(
    hook_app: Flask, cast: Cast, receiver: Receiver, connected: int
):
    receiver.statuses = [400]
    add(hook_app, cast, "One", "Two")
    sync(hook_app, connected)
    from milepost_webhook import replay

    with hook_app.app_context():
        assert CliRunner().invoke(replay).output == "To be sent again: 2.\n"
    assert [state for state, _tries, _error in states(hook_app)] == ["waiting", "waiting"]


def test_a_program_s_many_events_all_arrive(hook_app: Flask, cast: Cast, receiver: Receiver, connected: int):
    add(hook_app, cast, *(f"Item {number}" for number in range(230)))
    assert sync(hook_app, connected)
    assert len({body["delivery"] for body in receiver.told}) == len(receiver.told) == 230
