"""The pages of one item, as a browser asks for them: reading, changing, refusing, being second."""

from __future__ import annotations

import re
import threading
from datetime import date

import pytest

from program.extensions import db
from program.ground import database
from program.planning import comments, dependencies, evidence
from program.planning.items import change_item, find_item, set_tags
from program.planning.models import WorkItem
from tests.planning.helpers import add, kept_item, make_block, make_phase

PAGE = "/p/ALFA/items/1"


def state(app, number=1, *names):
    with app.app_context():
        database.begin_writing()
        item = db.session.scalars(db.select(WorkItem).where(WorkItem.number == number)).one()
        values = tuple(getattr(item, name) for name in names)
        db.session.rollback()
        return values[0] if len(values) == 1 else values


def hidden(html, name):
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', html
    )
    assert found, name
    return found[1].replace("&#34;", '"').replace("&quot;", '"')


def form_of(client, number=1, **changes):
    """The edit form as a browser would send it, with some fields changed."""
    html = client.get(f"/p/ALFA/items/{number}/edit").text
    title = re.search(r'<input[^>]*name="title"[^>]*>', html)[0]
    fields = {
        "title": re.search(r'value="([^"]*)"', title)[1],
        "status": "todo",
        "priority": "2",
        "kind": "task",
        "revision": hidden(html, "revision"),
        "base": hidden(html, "base"),
    }
    return fields | changes


def test_the_page_shows_all_that_is_known(app, cast, browser):
    with app.app_context(), database.transaction():
        phase = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        block = make_block(phase, "Weeks 1-2")
        item = add(
            cast,
            "Unified inbox live",
            description="**All** channels\n\n<script>alert(1)</script>",
            owner_id=cast.contributor.id,
            due_on=date(2026, 3, 20),
            phase_id=phase.id,
            block_id=block.id,
            required=True,
            channel="chat",
            tags=("crm", "pilot"),
        )
        other = add(cast, "Connect the CRM")
        dependencies.add_dependency(cast.manager.actor, cast.program_id, item, other)
        comments.add_comment(cast.contributor.actor, item, "Ask @Maria Zielińska first")
        evidence.add_evidence(cast.manager.actor, item, "https://example.org/inbox", "Screenshot")
    html = browser(cast.viewer).get(PAGE).text
    for text in ("Unified inbox live", "Tomek Wójcik", "Pilot", "Weeks 1-2", "<strong>All</strong>", "Required"):
        assert text in html
    for text in ("ALFA-2", "Connect the CRM", "<strong>@Maria Zielińska</strong>", "Chat", 'rel="noopener', "pilot"):
        assert text in html
    assert "<script>alert" not in html
    # Who only reads is offered nothing to change.
    assert "<textarea" not in html
    assert "/edit" not in html
    other_end = browser(cast.manager).get("/p/ALFA/items/2").text
    assert "Is waited for by" in other_end
    assert "Unified inbox live" in other_end


def test_strangers_find_nothing_at_any_address(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.stranger)
    for path in (PAGE, f"{PAGE}/edit", "/p/ALFA/items/new"):
        assert client.get(path).status_code == 404
    for path in ("status", "duplicate", "waits-for", "evidence", "comments", "seen", "edit"):
        assert client.post(f"{PAGE}/{path}", data={"revision": "1"}).status_code == 404
    assert client.post("/p/ALFA/undo/abc").status_code == 404
    assert browser(cast.manager).get("/p/ALFA/items/77").status_code == 404


def test_viewers_change_nothing(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.viewer)
    for path in (f"{PAGE}/edit", "/p/ALFA/items/new"):
        assert client.get(path).status_code == 403
    for path in ("status", "duplicate", "waits-for", "evidence", "comments", "edit"):
        answer = client.post(f"{PAGE}/{path}", data={"revision": "1", "status": "done", "title": "x", "body": "x"})
        assert answer.status_code == 403, path
    assert state(app, 1, "status", "revision") == ("todo", 1)


def test_one_click_changes_the_status_and_undo_takes_it_back(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.contributor)
    answer = client.post(f"{PAGE}/status", data={"status": "done", "revision": "1", "next": "/p/ALFA/items/1"})
    assert (answer.status_code, answer.location) == (303, "/p/ALFA/items/1")
    assert state(app, 1, "status", "revision") == ("done", 2)
    html = client.get(PAGE).text
    action = re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', html)[1]
    assert client.post(action).status_code == 303
    assert state(app, 1, "status", "done_at", "started_at") == ("todo", None, None)
    # The message about taking back can be taken back in turn; the same act twice cannot.
    again = re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', client.get(PAGE).text)[1]
    assert client.post(action).status_code == 409
    assert client.post(again).status_code == 303
    assert state(app, 1, "status") == "done"


@pytest.mark.parametrize("status", ["blocked", "dropped"])
def test_a_missing_reason_is_asked_for_in_place(app, cast, browser, status):
    kept_item(app, cast)
    client = browser(cast.contributor)
    answer = client.post(f"{PAGE}/status", data={"status": status, "revision": "1"})
    assert answer.status_code == 422
    assert re.search(rf'<details class="reason" open>.*?name="status" value="{status}"', answer.text, re.S)
    assert "field-error" in answer.text
    answer = client.post(f"{PAGE}/status", data={"status": status, "revision": "1", "status_reason": "x" * 501})
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    answer = client.post(f"{PAGE}/status", data={"status": status, "revision": "1", "status_reason": "No access"})
    assert answer.status_code == 303
    assert state(app, 1, "status", "status_reason") == (status, "No access")


@pytest.mark.parametrize(
    ("data", "answered"),
    [
        ({"status": "finished", "revision": "1"}, 422),
        ({"status": "", "revision": "1"}, 422),
        ({"status": "done", "revision": "2"}, 409),
        ({"status": "done", "revision": "one"}, 409),
        ({"status": "done", "revision": "9" * 30}, 409),
    ],
)
def test_what_cannot_be_a_status_changes_nothing(app, cast, browser, data, answered):
    kept_item(app, cast)
    answer = browser(cast.contributor).post(f"{PAGE}/status", data=data)
    assert answer.status_code == answered
    assert "Connect the CRM" in answer.text
    assert state(app, 1, "status", "revision") == ("todo", 1)


def test_the_panel_is_a_fragment_that_answers_in_place(app, cast, browser):
    kept_item(app, cast)
    client, htmx = browser(cast.contributor), {"HX-Request": "true"}
    panel = client.get(PAGE, headers=htmx)
    assert "side-panel" in panel.text
    assert "<html" not in panel.text
    assert 'hx-target="#panel"' in panel.text
    done = client.post(f"{PAGE}/status", data={"status": "doing", "revision": "1"}, headers=htmx)
    assert done.status_code == 200
    assert "hx-trigger" not in done.text
    assert 'hx-swap-oob="beforeend"' in done.text
    assert "state-doing" in done.text
    # On the checklist the row beside the panel is renewed too.
    beside = htmx | {"HX-Current-URL": "http://localhost/p/ALFA/checklist?status=doing"}
    done = client.post(f"{PAGE}/status", data={"status": "todo", "revision": "2"}, headers=beside)
    row = re.search(r'hx-get="([^"]*)" hx-trigger="load" hx-target="#item-1"', done.text)[1]
    assert client.get(row, headers=htmx).text.lstrip().startswith('<tr id="item-1"')
    stale = client.post(f"{PAGE}/status", data={"status": "done", "revision": "1"}, headers=htmx)
    assert stale.status_code == 409
    assert "side-panel" in stale.text
    assert 'value="3"' in stale.text


def test_next_leads_only_to_our_own_pages(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.contributor)
    for revision, target in enumerate(("https://evil.example/", "//evil.example", "javascript:alert(1)"), start=1):
        status = "done" if revision % 2 else "todo"
        answer = client.post(f"{PAGE}/status", data={"status": status, "revision": str(revision), "next": target})
        assert answer.location == PAGE


def test_adding_asks_only_for_a_title_and_keeps_what_was_typed(app, cast, browser):
    with app.app_context(), database.transaction():
        phase_id = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24)).id
    client = browser(cast.contributor)
    html = client.get(f"/p/ALFA/items/new?phase={phase_id}").text
    assert re.search(rf'<option selected value="{phase_id}">Pilot', html)
    # A contributor is not asked what a gate asks for.
    assert 'name="required"' not in html
    refused = client.post("/p/ALFA/items/new", data={"title": "", "description": "Kept words", "due_on": "2026-02-30"})
    assert refused.status_code == 422
    assert "Kept words" in refused.text
    assert 'value="2026-02-30"' in refused.text
    assert "There is no such day" in refused.text
    data = {
        "title": "Name the pilot group",
        "phase_id": str(phase_id),
        "status": "todo",
        "priority": "3",
        "tags": "a, B",
    }
    answer = client.post("/p/ALFA/items/new", data=data)
    assert (answer.status_code, answer.location) == (303, "/p/ALFA/items/1")
    assert state(app, 1, "title", "phase_id", "priority", "kind") == ("Name the pilot group", phase_id, 3, "task")
    answer = client.post("/p/ALFA/items/new", data={**data, "again": "1"})
    assert answer.location == f"/p/ALFA/items/new?phase={phase_id}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 201),
        ("description", "x" * 50_001),
        ("owner_id", "987654321"),
        ("owner_id", "abc"),
        ("owner_id", "9" * 40),
        ("phase_id", "-5"),
        ("due_on", "2026-02-30"),
        ("due_on", "9999-12-31"),
        ("due_on", "20260312x"),
        ("due_on", "0001-01-01"),
        ("start_on", "tomorrow"),
        ("status", "gone"),
        ("kind", "condition"),
        ("kind", "epic"),
        ("priority", "99"),
        ("priority", "high"),
        ("channel", "fax"),
        ("role", "x" * 300),
        ("tags", ",".join(f"t{n}" for n in range(30))),
        ("tags", "x" * 41),
    ],
)
def test_a_wrong_field_is_marked_and_nothing_is_written(app, cast, browser, field, value):
    kept_item(app, cast)
    client = browser(cast.manager)
    for path, data in (("/p/ALFA/items/new", {"title": "New"}), (f"{PAGE}/edit", form_of(client, title="Changed"))):
        good = {"status": "todo", "priority": "2", "kind": "task", **data}
        answer = client.post(path, data={**good, field: value})
        assert answer.status_code == 422, (path, answer.text[:500])
        assert f'id="{field}-error"' in answer.text
    with app.app_context():
        database.begin_writing()
        assert db.session.scalars(db.select(WorkItem.title)).all() == ["Connect the CRM"]
        db.session.rollback()


def test_other_programs_people_cannot_be_chosen(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.manager)
    for person in (cast.stranger, cast.viewer, cast.admin):
        answer = client.post(f"{PAGE}/edit", data=form_of(client, owner_id=str(person.id)))
        assert answer.status_code == 422
    assert state(app, 1, "owner_id") is None


def test_an_edit_saves_all_fields_and_can_be_taken_back(app, cast, browser):
    kept_item(app, cast, tags=("old",))
    client = browser(cast.manager)
    data = form_of(
        client,
        title="Connect the new CRM 🚀",
        description="One\r\nTwo",
        due_on="2026-03-20",
        owner_id=str(cast.contributor.id),
        required="y",
        tags="New, crm",
        status="blocked",
        status_reason="No licence",
        kind="milestone",
    )
    answer = client.post(f"{PAGE}/edit", data=data)
    assert answer.status_code == 303
    assert state(app, 1, "title", "description", "due_on", "owner_id", "required", "kind", "status") == (
        ("Connect the new CRM 🚀", "One\nTwo", date(2026, 3, 20), cast.contributor.id, True, "milestone", "blocked")
    )
    html = client.get(PAGE).text
    assert "No licence" in html
    assert ">new</span>" in html
    client.post(re.search(r'action="(/p/ALFA/undo/[0-9a-f]+)"', html)[1])
    assert state(app, 1, "title", "required", "due_on", "status") == ("Connect the CRM", False, None, "todo")
    assert ">old</span>" in client.get(PAGE).text


def test_the_second_editor_sees_both_versions_and_chooses(app, cast, browser):
    kept_item(app, cast)
    maria, tomek = browser(cast.manager), browser(cast.contributor)
    marias = form_of(maria, title="Maria's title", due_on="2026-03-20")
    toms = form_of(tomek, title="Tomek's title", description="Tomek's words")
    assert maria.post(f"{PAGE}/edit", data=marias).status_code == 303
    toms.pop("kind")
    second = tomek.post(f"{PAGE}/edit", data=toms)
    assert second.status_code == 409
    assert state(app, 1, "title") == "Maria's title"
    for text in ("Maria&#39;s title", "Tomek&#39;s title", "Tomek&#39;s words", "20 Mar"):
        assert text in second.text
    # Both touched the title and only he the description; only she the due day.
    for name, side in (("title", "mine"), ("description", "mine"), ("due_on", "theirs")):
        assert re.search(rf'name="keep-{name}" value="{side}" checked', second.text), name
    choice = {
        **toms,
        "revision": hidden(second.text, "revision"),
        "base": hidden(second.text, "base"),
        "keep-title": "theirs",
        "keep-description": "mine",
        "keep-due_on": "theirs",
    }
    assert tomek.post(f"{PAGE}/edit", data=choice).status_code == 303
    assert state(app, 1, "title", "description", "due_on", "revision") == (
        ("Maria's title", "Tomek's words", date(2026, 3, 20), 3)
    )


def test_two_who_edit_only_tags_are_told_too(app, cast, browser):
    kept_item(app, cast)
    maria, tomek = browser(cast.manager), browser(cast.contributor)
    marias, toms = form_of(maria, tags="hers"), form_of(tomek, tags="his")
    assert maria.post(f"{PAGE}/edit", data=marias).status_code == 303
    assert tomek.post(f"{PAGE}/edit", data=toms).status_code == 409


def test_the_same_edit_twice_is_no_quarrel(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.manager)
    data = form_of(client, title="The same")
    assert client.post(f"{PAGE}/edit", data=data).status_code == 303
    answer = client.post(f"{PAGE}/edit", data=data)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert state(app, 1, "revision") == 2


def test_a_copy_opens_for_editing(app, cast, browser):
    kept_item(app, cast)
    answer = browser(cast.contributor).post(f"{PAGE}/duplicate")
    assert answer.location == "/p/ALFA/items/2/edit"


def test_dependencies_from_the_page(app, cast, browser):
    for title in ("Connect the CRM", "Train the team", "Train the shops"):
        kept_item(app, cast, title)
    client = browser(cast.contributor)
    assert client.post(f"{PAGE}/waits-for", data={"other": "alfa-2"}).status_code == 303
    circle = client.post(f"{PAGE}/waits-for", data={"other": "2", "direction": "blocks"})
    assert circle.status_code == 422
    assert "ALFA-2 → ALFA-1 → ALFA-2" in circle.text
    several = client.post(f"{PAGE}/waits-for", data={"other": "TRAIN the"})
    assert several.status_code == 422
    assert 'name="other" value="3"' in several.text
    for nothing in ("", "99", "no such title", "1", "%", "9" * 60):
        assert client.post(f"{PAGE}/waits-for", data={"other": nothing}).status_code == 422
    html = client.get(PAGE).text
    assert f'action="{PAGE}/waits-for/2/remove"' in html
    # From the other end the page to come back to is the other end.
    answer = client.post(f"{PAGE}/waits-for/2/remove", data={"page": "2"})
    assert answer.location == "/p/ALFA/items/2#dependencies"
    assert "waits-for/2/remove" not in client.get(PAGE).text


def test_evidence_from_the_page(app, cast, browser):
    kept_item(app, cast)
    client = browser(cast.contributor)
    refused = client.post(f"{PAGE}/evidence", data={"url": "javascript:alert(1)", "label": "My label"})
    assert refused.status_code == 422
    assert 'id="item-url-error"' in refused.text
    assert 'value="My label"' in refused.text
    assert client.post(f"{PAGE}/evidence", data={"url": "https://example.org/a?b=c&d", "label": ""}).status_code == 303
    html = client.get(PAGE).text
    assert 'href="https://example.org/a?b=c&amp;d"' in html
    link = re.search(rf'action="({PAGE}/evidence/\d+/remove)"', html)[1]
    assert client.post("/p/ALFA/items/1/evidence/99999/remove").status_code == 404
    assert client.post(link).status_code == 303
    assert client.post(link).status_code == 404


def test_comments_from_the_page(app, cast, browser):
    kept_item(app, cast)
    tomek, maria = browser(cast.contributor), browser(cast.manager)
    empty = tomek.post(f"{PAGE}/comments", data={"body": " \r\n "})
    assert empty.status_code == 422
    long = tomek.post(f"{PAGE}/comments", data={"body": "ż" * 10_001})
    assert long.status_code == 422
    assert "ż" * 10_001 in long.text
    foreign = tomek.post(f"{PAGE}/comments", data={"body": "Hi", "tell": str(cast.stranger.id)})
    assert foreign.status_code == 422
    told = tomek.post(f"{PAGE}/comments", data={"body": "Is it ready?", "tell": str(cast.manager.id)})
    number = re.search(r"#comment-(\d+)$", told.location)[1]
    html = maria.get(PAGE).text
    assert "I have seen it" in html
    assert "<strong>@Maria Zielińska</strong> Is it ready?" in html
    # A GET never writes: she still has not seen it.
    assert "I have seen it" in maria.get(PAGE).text
    assert maria.post(f"{PAGE}/seen").status_code == 303
    assert "I have seen it" not in maria.get(PAGE).text
    edit = f"{PAGE}/comments/{number}/edit"
    assert maria.get(edit).status_code == 404
    assert tomek.post(edit, data={"body": "", "revision": "1"}).status_code == 422
    assert tomek.post(edit, data={"body": "Now ready", "revision": "1"}).status_code == 303
    stale = tomek.post(edit, data={"body": "Mine", "revision": "1"})
    assert stale.status_code == 409
    assert "Mine" in stale.text
    remove = f"{PAGE}/comments/{number}/remove"
    asked = maria.post(remove, data={"revision": "2"})
    assert "confirmed" in asked.text
    assert maria.post(remove, data={"revision": "2", "confirmed": "1"}).status_code == 303
    html = tomek.get(PAGE).text
    assert "Now ready" not in html
    assert "by Maria Zielińska." in html


def test_the_page_takes_as_many_statements_for_much_as_for_little(app, cast, browser, statements):
    kept_item(app, cast, "Small", owner_id=cast.contributor.id)
    with app.app_context(), database.transaction():
        phase = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
        big = add(cast, "Big", owner_id=cast.contributor.id)
        for number in range(40):
            comments.add_comment(cast.contributor.actor, big, f"Word {number} @Maria Zielińska")
            evidence.add_evidence(cast.manager.actor, big, f"https://example.org/{number}")
            dependencies.add_dependency(cast.manager.actor, cast.program_id, big, add(cast, f"Before {number}"))
            dependencies.add_dependency(cast.manager.actor, cast.program_id, add(cast, f"After {number}"), big)
        set_tags(cast.manager.actor, big, [f"tag {number}" for number in range(20)])
        for one in (find_item(cast.manager.actor, cast.program_id, 1), big):
            change_item(cast.manager.actor, one, {"phase_id": phase.id}, seen=None)
    client = browser(cast.contributor)
    counts = []
    for number in (1, 2):
        client.get(f"/p/ALFA/items/{number}")
        with statements() as ran:
            assert client.get(f"/p/ALFA/items/{number}?history=all").status_code == 200
        counts.append(len(ran))
    # Three of them are for what team, change and plugins show there.
    assert counts[0] == counts[1] <= 12


def test_two_who_save_at_the_same_moment(app, cast, browser):
    """Real requests in real threads: one is saved, the other sees both versions; nothing is lost on either side."""
    kept_item(app, cast)
    people = (cast.manager, cast.contributor)
    for round_ in range(3):
        clients = [browser(person) for person in people]
        forms = [
            form_of(client, title=f"{person.name} {round_}") for client, person in zip(clients, people, strict=True)
        ]
        answers = [None, None]
        barrier = threading.Barrier(2)

        def save(place, clients=clients, forms=forms, answers=answers, barrier=barrier):
            barrier.wait(timeout=20)
            answers[place] = clients[place].post(f"{PAGE}/edit", data=forms[place])

        threads = [threading.Thread(target=save, args=(place,)) for place in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        first = next(place for place in range(2) if answers[place].status_code == 303)
        assert state(app, 1, "title", "revision") == (f"{people[first].name} {round_}", round_ + 2)
        second = answers[1 - first].text
        assert f"{people[0].name} {round_}" in second
        assert f"{people[1].name} {round_}" in second
