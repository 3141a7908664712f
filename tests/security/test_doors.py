"""Who gets through which door: the signed-out, strangers to a program, readers, managers of another program.

The addresses are read from the app, so that every page is covered on the day it lands.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from program.change.models import Coaching, Communication, GoLive, JobAid, TrainingSession
from program.extensions import db
from program.ground import database
from program.ground.actor import Access
from program.people.models import Membership
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import Gate, Phase
from tests.cast import Cast, Member, as_member, make_person, make_program
from tests.security.addresses import Address, addresses, in_programs

# What people may open before they have signed in. Anything else that is `@public` is a mistake until it stands here.
PUBLIC = {
    "static",
    "health.alive",
    "health.ready",
    "people.sign_in",
    "people.sign_in_by_link",
    "people.use_link",
    "people.sign_out",
    "people.set_language",
    "people.set_theme",
    # A person's own sheet of a pulse check: its signed address is the key, and it opens nothing else.
    "pulse_answers.sheet",
    "pulse_answers.answer",
    # Behind an address of 256 random bits, which calendar programs read without signing in.
    "calendars.read",
    # Chosen parts of a program's progress, behind an address of 256 random bits that expires and can be revoked.
    "shared.show",
    "shared.enter",
    "shared_files.pdf",
    # Behind a signature over the message and its time.
    "reading_door.take",
}
# The same of plugins that come along, once they are installed. Slack signs what it sends there.
OF_PLUGINS = {"plugin_slack_checkin.slack_checkin.events", "plugin_jira_sync.jira_hints.webhook"}
# What readers of a program may send: their own view of it, never the program.
READERS_MAY_SEND = {"items.mentions_seen", "saved_views.create", "saved_views.change", "saved_views.remove"}
# So may the front line, people of a group without access to the program: their own ideas, and support for others'.
READERS_MAY_SEND |= {"front_line.send", "front_line.back", "front_line.edit", "front_line.take_back", "front_line.seen"}
READERS_MAY_SEND |= {"ideas.back"}
# A file of what they see.
READERS_MAY_SEND |= {"exports.make"}


@pytest.fixture
def known(app: Flask, cast: Cast) -> dict[str, Any]:
    """Things of program ALFA that exist, by the names that addresses have for them."""
    with app.app_context(), database.transaction():
        phase = Phase(
            program_id=cast.program_id,
            position=1,
            name="Pilot",
            planned_start=date(2026, 3, 2),
            planned_end=date(2026, 4, 24),
        )
        db.session.add(phase)
        db.session.flush()
        gate = Gate(program_id=cast.program_id, phase_id=phase.id, name="Gate", planned_on=date(2026, 4, 24))
        db.session.add(gate)
        db.session.flush()
        item = items.add_item(cast.manager.actor, cast.program_id, ItemDraft("Map", phase_id=phase.id))
        return {
            "key": cast.key,
            "phase_id": phase.id,
            "gate_id": gate.id,
            "number": item.number,
            "item_id": item.id,
            "person_id": cast.viewer.id,
            **change_things(cast),
        }


def change_things(cast: Cast) -> dict[str, int]:
    """Things of the change room, written as they are kept."""
    starts = datetime(2026, 5, 4, 8, tzinfo=UTC)
    things: dict[str, Any] = {
        "go_live_id": GoLive(name="Wave", on_date=date(2026, 5, 4)),
        "session_id": TrainingSession(title="Training", starts_at=starts, ends_at=starts + timedelta(hours=1)),
        "communication_id": Communication(message="Why", planned_on=date(2026, 5, 4)),
        "aid_id": JobAid(title="Aid", url="https://a.example"),
        "coaching_id": Coaching(person_id=cast.contributor.id, topic="Chat"),
    }
    for thing in things.values():
        thing.program_id = cast.program_id
        db.session.add(thing)
    db.session.flush()
    return {name: thing.id for name, thing in things.items()}


def opened(client: Any, address: Address) -> int:
    return client.open(address.path, method=address.method).status_code


def test_what_is_public_is_on_the_list(app: Flask):
    public = {name for name, view in app.view_functions.items() if getattr(view, "is_public", False)} | {"static"}
    assert public == PUBLIC | (OF_PLUGINS & set(app.view_functions))


def test_everything_else_is_closed_to_the_signed_out(app: Flask, known: dict[str, Any], browser: Any):
    client = browser()
    checked = 0
    for address in addresses(app, known):
        if address.endpoint in PUBLIC | OF_PLUGINS:
            continue
        answer = client.open(address.path, method=address.method)
        if address.method == "GET":
            assert answer.status_code == 302, str(address)
            assert answer.location.startswith("/sign-in?next="), str(address)
        else:
            assert answer.status_code == 401, str(address)
        checked += 1
    assert checked > 10


def test_a_program_is_not_there_for_strangers(app: Flask, cast: Cast, known: dict[str, Any], browser: Any):
    client = browser(cast.stranger)
    checked = 0
    for address in in_programs(app, known):
        assert opened(client, address) == 404, str(address)
        checked += 1
    assert checked > 5


def test_a_program_that_exists_looks_like_one_that_does_not(app: Flask, cast: Cast, browser: Any):
    client = browser(cast.stranger)
    there, nowhere = (client.get(f"/p/{key}/settings/people") for key in ("ALFA", "OMEGA"))
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("ALFA", "") == nowhere.text.replace("OMEGA", "")


def test_readers_of_a_program_change_nothing(app: Flask, cast: Cast, known: dict[str, Any], browser: Any):
    client = browser(cast.viewer)
    for address in in_programs(app, known):
        if address.method != "GET" and address.endpoint not in READERS_MAY_SEND:
            assert opened(client, address) in (403, 404), str(address)


@pytest.fixture
def other_manager(app: Flask, cast: Cast) -> Member:
    """Manages program BETA and has never heard of ALFA."""
    with app.app_context(), database.transaction():
        beta = make_program("BETA", "Beta")
        person = make_person("Bartek Inny", "bartek@beta.example")
        db.session.add(Membership(program_id=beta.id, person_id=person.id, access=Access.MANAGER.value))
        return as_member(person)


def test_things_of_one_program_cannot_be_had_through_another(
    app: Flask, known: dict[str, Any], other_manager: Member, browser: Any
):
    """One's own key in the address, somebody else's ids behind it."""
    client = browser(other_manager)
    assert client.get("/p/BETA/settings/people").status_code == 200
    for address in in_programs(app, {**known, "key": "BETA"}):
        if any(f":{name}>" in address.rule for name in known):
            # As a part of a page: where a whole page may lead back to one's own list, a part has nothing to show.
            answer = client.open(address.path, method=address.method, headers={"HX-Request": "true"})
            assert answer.status_code == 404, str(address)


def test_what_only_administrators_have_is_not_there_for_managers(app: Flask, cast: Cast, browser: Any):
    client = browser(cast.manager)
    for address in addresses(app, {"person_id": cast.admin.id}):
        if address.rule.startswith("/people"):
            assert opened(client, address) == 404, str(address)


@pytest.mark.parametrize("key", ["ALFA ", "alfa'", "%00", "..%2f..", "ALFA%0a", "🦊", "A" * 500, "-1", "1 OR 1=1"])
def test_strange_keys_are_not_there(cast: Cast, browser: Any, key: str):
    # A zero byte cannot even be asked for on PostgreSQL.
    assert browser(cast.admin).get(f"/p/{key}/settings/people").status_code in ((404, 400) if key == "%00" else (404,))
