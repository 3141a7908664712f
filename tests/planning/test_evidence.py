"""Evidence links: only plain web addresses pass, and the trail keeps what was removed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Forbidden, Invalid, NotFound
from program.planning import evidence
from program.planning.evidence import add_evidence, remove_evidence
from program.planning.models import EvidenceLink
from tests.planning.helpers import add

pytestmark = pytest.mark.usefixtures("context")


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://example.org", "example.org"),
        ("https://example.org/a/b/?c=d#e", "example.org/a/b"),
        ("HTTP://EXAMPLE.org:8080/", "example.org"),
        ("https://pl.wikipedia.org/wiki/Łódź", "pl.wikipedia.org/wiki/Łódź"),
        ("https://[2001:db8::1]/x", "2001:db8::1/x"),
        ("https://example.org/@user/post", "example.org/@user/post"),
        ("  https://example.org/x\n", "example.org/x"),
    ],
)
def test_web_addresses_pass(cast, url, label):
    link = add_evidence(cast.contributor.actor, add(cast), url)
    assert (link.url, link.label) == (url.strip(), label)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "example.org",
        "//example.org",
        "/p/ALFA/",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org",
        "mailto:maria@alfa.example",
        "https://",
        "https:///path",
        "https://user:password@example.org/",
        "https://example.org@evil.example/",
        "https://@evil.example/",
        "https://example.org\\@evil.example/",
        "https://exam ple.org",
        "https://example.org/a b",
        "https://example.org/\x00",
        "https://example.org/\u202egpj.exe",
        "https://example.org/\u200bx",
        'https://example.org/"onclick="alert(1)',
        "https://example.org/<script>",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://[::1",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_everything_else_is_refused(cast, url):
    with pytest.raises(Invalid) as refused:
        add_evidence(cast.contributor.actor, add(cast), url)
    assert set(refused.value.fields) == {"url"}
    assert db.session.scalars(select(EvidenceLink)).all() == []


def test_both_fields_are_named_at_once(cast):
    with pytest.raises(Invalid) as refused:
        add_evidence(cast.contributor.actor, add(cast), "nowhere", "x" * 201)
    assert set(refused.value.fields) == {"url", "label"}


def test_labels_are_one_line_and_free_of_invisible_letters(cast):
    link = add_evidence(cast.contributor.actor, add(cast), "https://example.org", " The\n re\x00port \u202e")
    assert link.label == "The report"


def test_an_item_holds_only_so_many(cast, monkeypatch):
    monkeypatch.setattr(evidence, "MAX_LINKS", 2)
    item = add(cast)
    for number in range(2):
        add_evidence(cast.contributor.actor, item, f"https://example.org/{number}")
    with pytest.raises(Invalid):
        add_evidence(cast.contributor.actor, item, "https://example.org/3")


def test_who_may_add_and_remove(cast):
    item, other = add(cast), add(cast, "Other")
    link = add_evidence(cast.contributor.actor, item, "https://example.org")
    with pytest.raises(Forbidden):
        add_evidence(cast.viewer.actor, item, "https://example.org")
    with pytest.raises(NotFound):
        add_evidence(cast.stranger.actor, item, "https://example.org")
    with pytest.raises(Forbidden):
        remove_evidence(cast.viewer.actor, item, link.id)
    with pytest.raises(NotFound):
        remove_evidence(cast.contributor.actor, other, link.id)
    remove_evidence(cast.manager.actor, item, link.id)
    with pytest.raises(NotFound):
        remove_evidence(cast.manager.actor, item, link.id)
    verbs = [entry.verb for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs[-2:] == ["item.evidence_added", "item.evidence_removed"]
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert last.changes["url"] == ["https://example.org", None]
