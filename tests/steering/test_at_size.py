"""10,000 items, 60 KPIs and 150 days that were kept: what a committee opens takes twelve statements at most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from program.cli.bench import kpi_seeding, seeding, steering_seeding
from program.extensions import db
from program.ground import database
from program.ground.actor import Origin, system
from program.people.models import Person
from program.steering import share_links
from tests.cast import as_member


@pytest.mark.one_database
def test_no_page_for_a_committee_takes_more_than_twelve_statements(app: Flask, browser: Any, statements: Any):
    today = date.today()
    with app.app_context(), database.transaction():
        seeding.seed(today, seeding.Size(programs=12, largest=10_000, usual=20))
        kpi_seeding.seed_kpis(1, [1, 2, 3], today, kpi_seeding.KpiSize(kpis=60, channels=2, weeks=26))
        steering_seeding.seed_steering("BIG", today)
        sections = list(share_links.Section)
        link = share_links.make_link(system(Origin.CLI), 1, name="Committee", sections=sections, days=3)
        reader = as_member(db.session.get_one(Person, 1))
    client, stranger = browser(reader), browser()
    past = today - timedelta(days=100)
    pages = ["/p/BIG/progress", f"/p/BIG/progress?on={past}", "/p/BIG/progress/since", "/p/BIG/risks", "/p/BIG/budget"]
    pages += [f"/p/BIG/progress/since?from={past}", "/p/BIG/decisions", "/portfolio", f"/portfolio?on={past}"]
    pages += [f"/p/BIG/progress/since?from={past}&to={past + timedelta(days=90)}", "/p/BIG/progress/files"]
    for path in pages:
        with statements() as ran:
            assert client.get(path).status_code == 200, path
        assert len(ran) <= 12, (path, ran.texts)
    with statements() as ran:
        answer = client.post("/p/BIG/progress/files", data={"kind": "xlsx", "locale": "en"})
    assert answer.status_code == 303
    assert len(ran) <= 12, ran.texts
    for most in (14, 3):
        # The whole page and the stamp that it is kept with, then the stamp alone; and the opening is counted.
        with statements() as ran:
            assert stranger.get(f"/s/{link[1]}").status_code == 200
        assert len(ran) <= most, ran.texts
