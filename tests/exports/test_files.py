"""Files through their doors: who gets which, how long ones are made, what is kept and for how long."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.exports import keeping, making, running
from program.exports.models import ExportFile, ExportState
from program.exports.views import files
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.now import held_at, utc_now
from tests.cast import Cast

AT = "/p/ALFA/progress/files"


def wanted(kind: str = "pdf", locale: str = "en", on: str = "2026-06-16") -> dict[str, str]:
    return {"kind": kind, "locale": locale, "on": on}


def rows(app: Flask) -> list[ExportFile]:
    with app.app_context():
        return list(db.session.scalars(select(ExportFile).order_by(ExportFile.id)))


def verbs(app: Flask) -> list[str]:
    with app.app_context():
        query = select(AuditEntry.verb).where(AuditEntry.object_type == "export").order_by(AuditEntry.id)
        return list(db.session.scalars(query))


def test_a_reader_asks_on_the_page_and_has_the_file_at_once(app: Flask, kept: Cast, browser: Any):
    client = browser(kept.viewer)
    page = client.get("/p/ALFA/progress?on=2026-06-16")
    assert f'action="{AT}"' in page.text
    assert 'name="on" value="2026-06-16"' in page.text
    answer = client.post(AT, data=wanted("xlsx", "pl"))
    assert answer.status_code == 303
    file = client.get(answer.location)
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith("attachment; filename=ALFA-")
    assert file.headers["Content-Disposition"].endswith("2026-06-16-pl.xlsx")
    assert file.headers["Cache-Control"] == "no-store"
    assert file.data.startswith(b"PK")
    assert verbs(app) == ["export.made"]
    listed = client.get(AT)
    assert "Wanda Łoś" in listed.text
    assert "Tue 16 Jun 2026" in listed.text


def test_strangers_find_nothing_and_other_programs_nothing_of_this_one(app: Flask, kept: Cast, browser: Any):
    client = browser(kept.viewer)
    place = client.post(AT, data=wanted("xlsx")).location
    for address in (AT, place, place.removesuffix("/download")):
        assert browser(kept.stranger).get(address).status_code == 404
        assert browser().get(address).status_code == 302
    assert browser(kept.stranger).post(AT, data=wanted()).status_code == 404
    assert len(rows(app)) == 1


@pytest.mark.parametrize("more", [{"kind": "exe"}, {"kind": ""}, {"locale": "de"}, {"on": "2026-06-01"}])
def test_what_cannot_be_had_is_said(app: Flask, kept: Cast, browser: Any, more: dict[str, str]):
    assert browser(kept.viewer).post(AT, data={**wanted(), **more}).status_code == 422
    assert rows(app) == []


def test_a_long_one_is_made_by_the_clock(app: Flask, kept: Cast, browser: Any, monkeypatch: Any):
    monkeypatch.setattr(files, "LONG", 3)
    client = browser(kept.viewer)
    place = client.post(AT, data=wanted("xlsx", "pl")).location
    page = client.get(place)
    assert "waits for its turn" in page.text
    assert client.get(f"{place}/download").status_code == 409
    part = client.get(place, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "hx-get" in part.text
    with app.app_context():
        assert running.make_due() == 1
        assert running.make_due() == 0
    assert "The file is ready" in client.get(place).text
    assert client.get(f"{place}/download").data.startswith(b"PK")
    assert verbs(app) == ["export.asked", "export.made"]


def test_who_lost_access_meanwhile_gets_nothing(app: Flask, kept: Cast, browser: Any, monkeypatch: Any):
    from program.people.models import Membership

    monkeypatch.setattr(files, "LONG", 3)
    browser(kept.viewer).post(AT, data=wanted("xlsx"))
    with app.app_context(), database.transaction():
        for one in db.session.scalars(select(Membership).where(Membership.person_id == kept.viewer.id)):
            db.session.delete(one)
    with app.app_context():
        running.make_due()
    assert rows(app)[0].state == ExportState.FAILED


def test_a_clock_that_died_leaves_its_file_to_the_next_twice(app: Flask, kept: Cast, browser: Any, monkeypatch: Any):
    monkeypatch.setattr(files, "LONG", 3)
    browser(kept.viewer).post(AT, data=wanted("xlsx"))

    def dies(*_args: Any) -> None:
        raise SystemExit

    with app.app_context():
        for number in range(2):
            with held_at(utc_now() + number * 2 * running.SILENCE), monkeypatch.context() as patched:
                patched.setattr(running, "laid_out", dies)
                with pytest.raises(SystemExit):
                    running.make_due()
                assert running.make_due() == 0
        assert rows(app)[0].state == ExportState.MAKING
        with held_at(utc_now() + 4 * running.SILENCE):
            assert running.make_due() == 1
    assert rows(app)[0].state == ExportState.FAILED


def test_one_that_cannot_be_made_says_so_and_can_be_tried_again(app: Flask, kept: Cast, browser: Any, monkeypatch: Any):
    def breaks(_told: Any, _means: Any) -> bytes:
        raise ValueError("no")

    broken = making.Kind("PDF", "file-text", "application/pdf", breaks)
    monkeypatch.setitem(making.KINDS, "pdf", broken)
    client = browser(kept.viewer)
    answer = client.post(AT, data=wanted())
    page = client.get(answer.location)
    assert "could not be made" in page.text
    assert "Try again" in page.text
    assert verbs(app) == ["export.failed"]


def test_files_go_after_a_week_and_when_there_are_many(app: Flask, kept: Cast, browser: Any, monkeypatch: Any):
    monkeypatch.setattr(keeping, "MOST_KEPT", 2)
    monkeypatch.setattr(keeping, "MOST_A_MINUTE", 3)
    client = browser(kept.viewer)
    for _number in range(3):
        assert client.post(AT, data=wanted("xlsx")).status_code == 303
    assert client.post(AT, data=wanted("xlsx")).status_code == 303
    assert [file.id for file in rows(app)] == sorted(file.id for file in rows(app))
    assert len(rows(app)) == 2
    monkeypatch.setattr(keeping, "MOST_A_MINUTE", 2)
    assert client.post(AT, data=wanted("xlsx")).status_code == 429
    for days, left in ((6, 2), (8, 0)):
        with held_at(utc_now() + timedelta(days=days)), app.app_context(), database.transaction():
            keeping.forget()
            assert db.session.scalar(select(func.count()).select_from(ExportFile)) == left


def test_a_link_gives_only_the_parts_that_were_chosen_for_it(app: Flask, kept: Cast, browser: Any):
    from pypdf import PdfReader

    from program.steering import share_links
    from program.steering.models import Risk

    with app.app_context(), database.transaction():
        db.session.add(
            Risk(
                program_id=kept.program_id,
                number=1,
                title="Secret weakness",
                category="data",
                probability=5,
                impact=5,
                owner_id=kept.contributor.id,
            )
        )
        tokens = [
            share_links.make_link(
                kept.manager.actor, kept.program_id, name="Board", sections=parts, days=3, passcode=code
            )[1]
            for parts, code in ((["risks"], ""), (["gates"], ""), (["risks"], "three words here"))
        ]
    client = browser()
    shown, hidden = (client.get(f"/s/{token}/pdf") for token in tokens[:2])
    for answer in (shown, hidden):
        assert answer.status_code == 200
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
    texts = ["".join(page.extract_text() for page in PdfReader(io.BytesIO(one.data)).pages) for one in (shown, hidden)]
    assert "Secret weakness" in texts[0]
    assert kept.contributor.name not in texts[0]
    assert "Secret weakness" not in texts[1]
    assert "Top risks" not in texts[1]
    assert client.get(f"/s/{tokens[2]}/pdf").status_code == 404
    assert client.get(f"/s/{'A' * 43}/pdf").status_code == 404
    client.post(f"/s/{tokens[2]}", data={"passcode": "three words here"})
    assert client.get(f"/s/{tokens[2]}/pdf").status_code == 200
    # Kept by what it says, so the same is handed out again, and a change makes another.
    assert client.get(f"/s/{tokens[0]}/pdf").data == shown.data
    with app.app_context(), database.transaction():
        db.session.scalars(select(Risk)).one().title = "Mended weakness"
    changed = client.get(f"/s/{tokens[0]}/pdf").data
    assert "Mended" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(changed)).pages)


def test_pages_and_downloads_cost_the_same_for_one_file_and_for_many(
    app: Flask, kept: Cast, browser: Any, statements: Any
):
    client = browser(kept.manager)
    address = client.post(AT, data=wanted("xlsx")).location
    counts = []
    for many in (1, keeping.MOST_KEPT):
        with app.app_context(), database.transaction():
            first = db.session.scalars(select(ExportFile)).first()
            assert first is not None
            # Two minutes earlier, or nobody may ask for one more.
            names = [one.name for one in ExportFile.__table__.columns if one.name not in ("id", "asked_at")]
            copied = {name: getattr(first, name) for name in names} | {"asked_at": utc_now() - timedelta(minutes=2)}
            db.session.add_all(ExportFile(**copied) for _one in range(many - 1))
        counted = []
        for page in (AT, f"{AT}/template", address.removesuffix("/download"), address):
            with statements() as ran:
                assert client.get(page).status_code == 200, page
            assert len(ran) <= 12, (page, ran.texts)
            counted.append(len(ran))
        counts.append(counted)
    with statements() as ran:
        assert client.post(AT, data=wanted("xlsx")).status_code == 303
    # The day as it was; then, in a transaction of its own, the file, its entry and what is too old.
    assert len(ran) <= 12, ran.texts
    assert counts[0] == counts[1]
