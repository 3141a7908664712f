"""Every page that can be reached, on the demo: free of accessibility faults, whole on a phone, in both languages.

One test opens all pages of a few rooms as one reader: the demo takes longer to load than a page does, and yet
processes that run side by side should be able to share the work.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from program.cli.demo import loading
from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.pulse import links
from program.pulse.models import Asked, Round
from program.pulse.respondents import new_secret
from tests.browser.axe import SCRIPT, faults
from tests.browser.crawl import kinds_of_pages
from tests.browser.jira_rows import connect
from tests.cast import Member, as_member
from tests.demo import fill

# The width is the one at which the page is opened and looked at closely; that nothing sticks out is seen at these too.
READERS = (("en", "light", 1280), ("pl", "dark", 360))
NARROWEST, WIDEST = 320, 1280
# The demo's main program first: its pages have the most to show.
START = ("/p/PRZ/", "/", "/search?q=pilot")
# The rooms whose pages one test opens; pages of the rooms named nowhere belong to the last.
SHARES = (("planning",), ("change",), ("team", "pulse", "other rooms"))
# Pages that must be among those found: a link lost would otherwise silence the test of all that is behind it.
EXPECTED = {
    *("week.show", "week.program", "my_work.show", "portfolio.show", "overview.show", "timeline.show"),
    *("timeline.ninety_days", "phases.index", "phases.show", "phase_edits.move", "baselines.index"),
    *("baselines.compare", "blocks.edit", "checklist.show", "imports.start", "items.show", "items.new", "items.edit"),
    *("gates.index", "gates.show", "gates.evidence", "programs.new", "programs.settings", "programs.activity"),
    *("programs.close", "members.show", "playbooks.index", "playbooks.show", "playbooks.upload", "saved_views.index"),
    *("search.show", "people.me", "people.directory", "people.person"),
    # The team
    *("roles.index", "roles.show", "roles.new", "roles.edit", "roles.from_catalogue", "assignments.new"),
    *("assignments.edit", "assignments.end", "assignment_imports.start", "team_people.show", "workload.show"),
    *("raci.show", "raci.fill", "raci.row", "raci.mine", "raci.suggest", "skills.show", "skills.edit", "skills.needs"),
    *("skills.edit_needs", "skills.suggest", "operating_model.show", "operating_model.choose", "handover.start"),
    # Change management
    *("change.show", "groups.index", "groups.show", "groups.new", "groups.heat", "groups.impact", "groups.add_person"),
    *("groups.change_limits", "group_imports.start", "change_plan.show", "change_plan.one", "change_plan.new"),
    *("change_plan.move", "change_plan.groups", "communication.index", "communication.new", "communication.edit"),
    *("communication.import", "training.index", "training.show", "training.new", "training.edit", "training.move"),
    *("training.coverage", "training.paper", "job_aids.index", "job_aids.edit", "coaching.index", "coaching.new"),
    *("coaching.edit", "ideas.index", "ideas.show", "ideas.item", "ab_tests.index", "ab_tests.show", "ab_tests.new"),
    *("proofs.index", "proofs.new", "proofs.edit", "rituals.index", "rituals.show", "rituals.new", "rituals.edit"),
    *("meetings.show", "saturation.show", "saturation.group", "saturation.new_other", "saturation.edit_other"),
    *("adoption.show", "adoption.group", "adoption.correct", "front_line.show", "calendars.index"),
    # KPIs
    *("kpi_board.show", "kpi_board.channel", "kpi.show", "kpi_correlation.show", "kpi_remarks.add", "kpi_grid.show"),
    *("kpi_figure.show", "kpi_remarks.edit", "kpi_reviews.index", "kpi_reviews.show", "kpi_reviews.edit_note"),
    *("kpi_reviews.add_action", "kpi_reviews.close", "kpi_review_settings.edit", "kpi_imports.index"),
    *("kpi_imports.show", "kpi_imports.columns"),
    *("kpi_setup.index", "kpi_setup.new", "kpi_setup.edit", "kpi_goals.show", "kpi_frames.channels"),
    *(
        "kpi_remarks.index",
        "kpi_frames.closing",
        "kpi_gates.show",
        "kpi_index.show",
        "kpi_index.mix",
        "kpi_sources.index",
    ),
    # The pulse
    *("pulse.show", "pulse.settings", "pulse.question_list", "pulse.reply", "pulse_answers.sheet"),
    "pulse.sort_comments",
    # Risks, decisions, the committee
    *("risks.index", "risks.show", "risks.new", "risks.edit", "decisions.index", "decisions.show", "decisions.new"),
    *("committee.index", "budget.edit"),
    # Meetings of the committee and reports to it
    *("committee_meetings.index", "committee_meetings.show", "committee_meetings.new", "committee_meetings.edit"),
    *("committee_meetings.cancel", "committee_meetings.cadence", "committee_minutes.show", "committee_minutes.ask"),
    *("committee_minutes.add_action", "status_reports.index", "status_reports.show", "status_reports.edit"),
    "status_reports.times",
    # The progress page
    *(
        "progress.show",
        "since.show",
        "progress.say",
        "budget.index",
        "budget.new",
        "budget_imports.start",
        "share_links.index",
        "exports.index",
        "slide_templates.show",
    ),
    # What is told, what is joined, what happens by itself
    *("messages.show", "messages.preferences", "outgoing.show", "program_messages.show", "clock.show"),
    # Jira
    *("plugin_jira_sync.jira.show", "plugin_jira_sync.jira.choose_mapping", "plugin_jira_sync.jira.adoption"),
    *("plugin_jira_sync.jira_pairs.show", "plugin_jira_sync.jira_pairs.merge"),
    *("plugins.index", "plugins.show", "plugin_connections.index"),
}


# What sticks out furthest, for the message.
STICKING_OUT = """() => [...document.querySelectorAll("main *, .top *, .bar *")]
    .filter((one) => one.checkVisibility() && !one.closest(".scroller, .plan-frame, .sheet-preview, .tabs, thead"))
    .sort((one, other) => other.getBoundingClientRect().right - one.getBoundingClientRect().right)
    .slice(0, 1).map((one) => one.outerHTML.slice(0, 160))[0]"""

# How many main headings there are, and the page's language.
FRAME = """() => [document.querySelectorAll("h1").length, document.documentElement.lang]"""

# What does not fit into its own box, and so lies over its neighbours though the page is no wider for it.
OVERLAPPING = """() => [...document.querySelectorAll("main :is(a, button, summary, label, h1, h2, h3, li, p, .state)")]
    .filter((one) => one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => getComputedStyle(one).overflowX === "visible")
    .filter((one) => !one.closest(".scroller, .plan-frame, .sheet-preview, .visually-hidden"))
    .slice(0, 3).map((one) => one.outerHTML.slice(0, 160))"""


@pytest.fixture
def manager(app: Flask, kept: Path) -> Member:
    """The demo's manager, made an administrator so that their pages are reached too."""
    fill(app, "pl", kept)
    with app.app_context():
        person = loading.manager()
        assert person is not None
        person.is_admin = True
        db.session.commit()
        member = as_member(person)
    connect(app, "PRZ", member.actor)
    return member


@pytest.fixture
def found(app: Flask, browser: Any, manager: Member, sheet: str, kept: Path) -> dict[str, str]:
    """The pages, found once a run: its demo is the same each time, down to the numbers in addresses."""
    file = kept / "pages.json"
    if not file.exists():
        pages = kinds_of_pages(app, browser(manager), (*START, sheet))
        half = file.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(pages), encoding="utf-8")
        half.rename(file)
    return json.loads(file.read_text(encoding="utf-8")) | {"pulse_answers.sheet": sheet}


@pytest.fixture
def sheet(app: Flask, manager: Member) -> str:
    """The page on which one of those asked answers the pulse, without an account: no page links to it."""
    with app.app_context(), database.transaction():
        # The days on which a round is open are few: the demo's last one is opened again.
        last = db.session.scalars(select(Round).order_by(Round.id.desc()).limit(1)).one()
        last.secret, last.closed_on, last.closes_at = new_secret(), None, utc_now() + timedelta(days=1)
        db.session.merge(Asked(round_id=last.id, person_id=manager.id))
        round_id = last.id
    with app.test_request_context():
        return links.paths(round_id, [manager.id])[manager.id]


@pytest.mark.parametrize("rooms", SHARES, ids=" and ".join)
@pytest.mark.parametrize(("locale", "theme", "width"), READERS)
def test_every_page_is_accessible_and_fits(app, visit, manager, found, set_reader, locale, theme, width, rooms):
    assert set(found) >= EXPECTED, f"not reached: {sorted(EXPECTED - set(found))}"
    set_reader(manager, locale, theme)
    page = visit(manager, width=width, locale=locale)
    page.add_init_script(SCRIPT)
    wrong: list[str] = []
    for endpoint, path in sorted(found.items()):
        if share_of(app, endpoint) != rooms:
            continue
        answer = page.goto(path)
        where = f"{endpoint} ({path}) {locale} {theme}"
        if answer.status != 200:
            wrong.append(f"{where}: answered {answer.status}")
            continue
        wrong += [f"{where}: {fault}" for fault in [*faults(page), *misplaced(page, locale, width)]]
    assert not wrong, "\n".join(wrong)


def share_of(app: Flask, endpoint: str) -> tuple[str, ...]:
    """The share whose room answers at this endpoint."""
    room = app.view_functions[endpoint].__module__.split(".")[1]
    return next((share for share in SHARES if room in share), SHARES[-1])


def misplaced(page: Page, locale: str, width: int) -> Iterator[str]:
    """What is wrong with the page's frame: its heading, its language, its width on any screen.

    The page lies open at `width`, and does again when this is over: laying it out anew is what takes time.
    """
    headings, language = page.evaluate(FRAME)
    if headings != 1:
        yield f"{headings} main headings"
    if language != locale:
        yield "in another language"
    yield from sticking_out(page, width)
    for other in {NARROWEST, WIDEST} - {width}:
        page.set_viewport_size({"width": other, "height": 800})
        yield from sticking_out(page, other)
    page.set_viewport_size({"width": width, "height": 800})


def sticking_out(page: Page, width: int) -> Iterator[str]:
    """What does not fit on a screen of this width, which the page is laid out for."""
    wide, overlapping = page.evaluate(f"() => [document.documentElement.scrollWidth, ({OVERLAPPING})()]")
    if wide > width:
        yield f"{wide} px wide at {width} px: {page.evaluate(STICKING_OUT)}"
    for one in overlapping:
        yield f"wider than its box at {width} px: {one}"
