"""The checklist's pages: who sees what, filters in the address, editing in place, saved views, search."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from program.extensions import db
from program.ground import database
from program.ground.now import today_in
from program.planning.models import SavedView, WorkItem
from tests.cast import Cast, make_program
from tests.planning.list_samples import add_phases, add_rows

LIST = "/p/ALFA/checklist"
HTMX = {"HX-Request": "true"}
SCRIPT = "&lt;script&gt;alert(1)&lt;/script&gt;"
STRANGE = ["status=x&due_from=2026-02-30", "page=0", "page=-4", "page=99999999", "size=7", "edit=abc"]
HEAVY = ["view=all", "group=owner&q=item", "group=week&sort=-title&page=3", "tag=a&waiting=1", "group=owner&edit=1"]
SEARCHES = ["", "%", "_", "a" * 5000, "%00", "\\", "🙂", "ALFA-999999999", "zzz&in=NOSUCH", "zzz&in=%00", "%D9%A3-1"]


@pytest.fixture
def items(app: Flask, cast: Cast) -> list[int]:
    """Six items in two phases; two of them late, one of those required."""
    today = today_in("Europe/Warsaw")
    with app.app_context(), database.transaction():
        (discovery, _), (pilot, _) = add_phases(cast.program_id, "Discovery", "Pilot")
        return add_rows(
            cast.program_id,
            [
                {"title": "Agree the budget", "status": "done", "phase_id": discovery, "owner_id": cast.manager.id},
                {
                    "title": "Map the channels",
                    "phase_id": discovery,
                    "due_on": today - timedelta(days=2),
                    "required": True,
                },
                {"title": "Połączyć Łódź z CRM", "phase_id": pilot, "due_on": today - timedelta(days=1)},
                {"title": "Name the pilot group", "phase_id": pilot, "owner_id": cast.contributor.id, "tags": ["crm"]},
                {"title": "<script>alert(1)</script>", "phase_id": pilot, "status": "blocked", "after": [3]},
                {"title": "Legacy fax", "status": "dropped"},
            ],
        )


def titles(page: Any) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]*)<', page.text)


def item(app: Flask, item_id: int) -> Any:
    with app.app_context():
        columns = (WorkItem.status, WorkItem.status_reason, WorkItem.owner_id, WorkItem.due_on, WorkItem.revision)
        return db.session.execute(db.select(*columns).where(WorkItem.id == item_id)).one()


def edit(revision: int = 1, **values: str) -> dict[str, str]:
    return {"status": "todo", "status_reason": "", "owner": "", "due_on": "", "revision": str(revision), **values}


def test_the_list_says_how_it_stands_and_groups_by_phase(browser: Any, cast: Cast, items: list[int]) -> None:
    page = browser(cast.viewer).get(LIST)
    assert page.status_code == 200
    assert "1 of 5 done; 2 late, 1 of them required." in page.text
    assert 'name="in" value="ALFA"' in page.text  # the search knows where it was asked
    assert page.text.index("Discovery") < page.text.index("Agree the budget") < page.text.index("Name the pilot group")
    assert page.text.index("Legacy fax") > page.text.index("No phase")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert 'type="checkbox" name="ids"' not in page.text  # viewers read


def test_a_stranger_learns_nothing(browser: Any, cast: Cast, items: list[int]) -> None:
    stranger = browser(cast.stranger)
    for path in (LIST, f"{LIST}/1", f"{LIST}/views", f"{LIST}/export.csv", f"{LIST}/export.xlsx", f"{LIST}/import"):
        assert stranger.get(path).status_code == 404, path
    for path in (f"{LIST}/1", f"{LIST}/views", f"{LIST}/bulk", f"{LIST}/import", f"{LIST}/views/1/remove"):
        assert stranger.post(path).status_code == 404, path


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            "status=open",
            [
                "Map the channels",
                "Połączyć Łódź z CRM",
                "Name the pilot group",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
            ],
        ),
        ("q=lodz", ["Połączyć Łódź z CRM"]),
        ("q=alfa-1", ["Agree the budget"]),
        ("owner=me", ["Name the pilot group"]),
        ("due=overdue&sort=due", ["Map the channels", "Połączyć Łódź z CRM"]),
        ("due=overdue&sort=-due&group=none", ["Połączyć Łódź z CRM", "Map the channels"]),
        ("tag=crm", ["Name the pilot group"]),
        ("waiting=1", [SCRIPT]),
        ("phase=none", ["Legacy fax"]),
        ("required=1", ["Map the channels"]),
    ],
)
def test_filters_live_in_the_address(browser: Any, cast: Cast, items: list[int], query: str, found: list[str]) -> None:
    page = browser(cast.contributor).get(f"{LIST}?{query}")
    assert titles(page) == found


def test_active_filters_are_chips_that_come_off(browser: Any, cast: Cast, items: list[int]) -> None:
    page = browser(cast.contributor).get(f"{LIST}?status=todo&status=blocked&q=alert&group=none")
    links = re.findall(r'class="chip chip-remove" href="([^"]+)"', page.text)
    assert [link.replace("&amp;", "&") for link in links] == [
        f"{LIST}?status=todo&status=blocked&group=none",
        f"{LIST}?q=alert&status=blocked&group=none",
        f"{LIST}?q=alert&status=todo&group=none",
    ]


@pytest.mark.parametrize("query", STRANGE)
def test_no_address_is_an_error(browser: Any, cast: Cast, items: list[int], query: str) -> None:
    assert browser(cast.contributor).get(f"{LIST}?{query}").status_code == 200


def test_what_was_not_understood_is_told(browser: Any, cast: Cast, items: list[int]) -> None:
    page = browser(cast.contributor).get(f"{LIST}?status=<b>&due_from=2026-02-30")
    assert "left out: status, due_from." in page.text


def test_empty_lists_show_the_way_out(browser: Any, cast: Cast) -> None:
    page = browser(cast.contributor).get(LIST)
    assert "No items yet" in page.text
    assert "/items/new" in page.text
    assert "/checklist/import" in page.text
    page = browser(cast.contributor).get(f"{LIST}?q=nothing")
    assert "Nothing matches" in page.text


@pytest.mark.parametrize("query", HEAVY)
def test_a_page_takes_twelve_statements_at_most(
    app: Flask, browser: Any, cast: Cast, statements: Any, query: str
) -> None:
    with app.app_context(), database.transaction():
        phases = add_phases(cast.program_id, "One", "Two", "Three")
        people = [cast.manager.id, cast.contributor.id, cast.stranger.id, None]
        rows = [
            {
                "phase_id": phases[n % 3][0],
                "owner_id": people[n % 4],
                "tags": ["a", f"t{n % 9}"],
                "after": [n - 1] if n % 2 else [],
            }
            | {"due_on": date(2026, 1, 1) + timedelta(days=n)}
            for n in range(300)
        ]
        add_rows(cast.program_id, rows)
    client = browser(cast.manager)
    with statements() as ran:
        assert client.get(f"{LIST}?{query}").status_code == 200
    assert len(ran) <= 12
    with statements() as ran:
        assert client.get("/search?q=item&in=ALFA").status_code == 200
    assert len(ran) <= 12


def test_a_row_becomes_a_form_with_and_without_htmx(browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.contributor)
    whole = client.get(f"{LIST}?status=open&edit=4")
    assert "<html" in whole.text
    assert whole.text.count('class="editing"') == 1
    fragment = client.get(f"{LIST}?status=open&edit=4", headers=HTMX)
    assert "<html" not in fragment.text
    assert fragment.text.strip().startswith('<tr id="item-4" class="editing">')
    assert client.get(f"{LIST}?edit=99", headers=HTMX).status_code == 404
    assert browser(cast.viewer).get(f"{LIST}?edit=4", headers=HTMX).status_code == 404
    assert 'class="editing"' not in browser(cast.viewer).get(f"{LIST}?edit=4").text
    row = client.get(f"{LIST}/4", headers=HTMX)
    assert row.text.strip().startswith('<tr id="item-4">')
    assert client.get(f"{LIST}/4").status_code == 302


def test_a_row_is_saved_in_place(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.contributor)
    values = edit(status="doing", owner=str(cast.manager.id), due_on="2026-12-01", next=f"{LIST}?status=open")
    answer = client.post(f"{LIST}/4", data=values)
    assert answer.status_code == 303
    assert answer.location == f"{LIST}?status=open#item-4"
    assert item(app, items[3])[:4] == ("doing", "", cast.manager.id, date(2026, 12, 1))
    answer = client.post(f"{LIST}/4", data=edit(2, status="done"), headers=HTMX)
    assert answer.status_code == 200
    assert "state-done" in answer.text
    assert "ALFA-4 is saved." in answer.text


def test_what_cannot_be_saved_stays_in_the_row_as_typed(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.contributor)
    before = item(app, items[3])
    for headers in (HTMX, {}):
        answer = client.post(f"{LIST}/4", data=edit(status="blocked", due_on="2026-02-30"), headers=headers)
        assert answer.status_code == 422
        assert "2026-02-30" in answer.text
        answer = client.post(f"{LIST}/4", data=edit(status="blocked", next=f"{LIST}?q=legacy"), headers=headers)
        assert answer.status_code == 422
        assert "Say what blocks it." in answer.text
        assert "Name the pilot group" in answer.text  # the row shows even where the filter would hide it
        answer = client.post(f"{LIST}/4", data=edit(status="nonsense", owner="999999"), headers=headers)
        assert answer.status_code == 422
    assert item(app, items[3]) == before


def test_the_second_of_two_editors_is_told(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    assert browser(cast.manager).post(f"{LIST}/4", data=edit(status="doing")).status_code == 303
    client = browser(cast.contributor)
    answer = client.post(f"{LIST}/4", data=edit(status="done", due_on="2026-12-24"), headers=HTMX)
    assert answer.status_code == 409
    assert "Somebody changed this item" in answer.text
    assert "2026-12-24" in answer.text
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert revision is not None
    assert item(app, items[3]).status == "doing"
    assert client.post(f"{LIST}/4", data=edit(int(revision[1]), status="done")).status_code == 303
    assert item(app, items[3]).status == "done"


def test_viewers_and_wrong_numbers_change_nothing(browser: Any, cast: Cast, items: list[int]) -> None:
    assert browser(cast.viewer).post(f"{LIST}/4", data=edit(status="done")).status_code == 403
    assert browser(cast.contributor).post(f"{LIST}/99", data=edit(status="done")).status_code == 404


def test_next_never_leads_away(browser: Any, cast: Cast, items: list[int]) -> None:
    answer = browser(cast.contributor).post(f"{LIST}/4", data=edit(next="https://evil.example/"))
    assert answer.location.startswith(LIST)


def test_a_view_is_saved_shared_and_removed(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.manager)
    data = {"name": "Mine, late", "query": "owner=me&due=overdue&nonsense=1", "is_first": "y", "is_shared": "y"}
    answer = client.post(f"{LIST}/views", data=data)
    assert (answer.status_code, answer.location) == (303, f"{LIST}?owner=me&due=overdue")
    assert client.get(LIST).location == f"{LIST}?owner=me&due=overdue"
    assert "Mine, late" in client.get(f"{LIST}?view=all").text
    # Shared: the team sees it, but it opens first only for whoever wanted that.
    team = browser(cast.contributor)
    assert team.get(LIST).status_code == 200
    assert "Mine, late" in team.get(LIST).text
    with app.app_context():
        view = db.session.scalars(db.select(SavedView)).one()
        view_id, revision = view.id, view.revision
    change = {"name": "Late", "revision": str(revision)}
    assert team.post(f"{LIST}/views/{view_id}", data=change).status_code == 403
    assert client.post(f"{LIST}/views/{view_id}", data={**change, "revision": "77"}).status_code == 409
    assert client.post(f"{LIST}/views/{view_id}", data=change).status_code == 303
    assert "Late" not in team.get(LIST).text.replace("Latest", "")
    assert team.post(f"{LIST}/views/{view_id}/remove").status_code == 404  # private again: it does not exist for others
    assert client.post(f"{LIST}/views/{view_id}/remove").status_code == 303
    assert client.get(LIST).status_code == 200


def test_views_need_a_name_and_sharing_a_manager(browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.viewer)
    for name, words in (("", "Give the view a name."), ("x" * 81, "Up to 80 letters.")):
        answer = client.post(f"{LIST}/views", data={"name": name, "query": "q=a"})
        assert answer.status_code == 422
        assert words in answer.text
    assert client.post(f"{LIST}/views", data={"name": "Mine", "query": ""}).status_code == 303
    answer = client.post(f"{LIST}/views", data={"name": "mine", "query": "q=b"})
    assert answer.status_code == 422
    assert "of that name already" in answer.text
    assert client.post(f"{LIST}/views", data={"name": "All", "is_shared": "y"}).status_code == 403
    assert client.get(f"{LIST}/views?q=b").status_code == 200


def test_search_finds_across_programs_what_one_may_see(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    with app.app_context(), database.transaction():
        add_rows(make_program("BETA", "Beta Łódź").id, [{"title": "Łódź of others"}])
    page = browser(cast.viewer).get("/search?q=łódź")
    assert titles(page) == ["Połączyć Łódź z CRM"]
    page = browser(cast.admin).get("/search?q=lodz&in=BETA")
    assert titles(page) == ["Beta Łódź", "Łódź of others", "Połączyć Łódź z CRM"]
    assert browser(cast.viewer).get("/search?q=alfa-3").location == "/p/ALFA/items/3"
    assert browser(cast.viewer).get("/search?q=BETA-1").status_code == 200
    assert titles(browser(cast.stranger).get("/search?q=crm")) == []


@pytest.mark.parametrize(
    "query", ["", "%", "_", "a" * 5000, "%00", "\\", "🙂", "ALFA-999999999", "zzz&in=NOSUCH", "zzz&in=%00", "%D9%A3-1"]
)
def test_no_search_is_an_error(browser: Any, cast: Cast, items: list[int], query: str) -> None:
    page = browser(cast.viewer).get(f"/search?q={query}")
    assert page.status_code == 200
    assert titles(page) == []


def test_a_search_that_finds_too_much_says_so(app: Flask, browser: Any, cast: Cast) -> None:
    with app.app_context(), database.transaction():
        add_rows(cast.program_id, [{"title": "Same words"}] * 51)
    page = browser(cast.viewer).get("/search?q=same")
    assert len(titles(page)) == 50
    assert "More than 50 items match" in page.text
