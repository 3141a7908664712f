"""What every template and every vendored file must hold to, whoever wrote it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "program" / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MACROS = sorted((ROOT / "templates" / "macros").glob("*.html"))
STATES = [
    *("todo", "doing", "blocked", "done", "dropped"),
    *("on_track", "at_risk", "off_track", "no_data", "stale"),
    *("open", "ready", "go", "conditional_go", "hold", "no_go"),
    *("running", "next", "ended", "late", "soon", "met", "unmet"),
]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_nothing_that_the_security_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=\s*[\"']", text), "style attributes are refused by the browser; use a class"
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son[a-z]+=[\"']|javascript:|hx-on", text)
    # A page loads nothing from outside.
    assert not re.search(r"(src|href|action)\s*=\s*[\"'](https?:)?//", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_icons_are_in_the_sprite(path: Path) -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    used = set(re.findall(r"""\b(?:_?icon|mark)\(\s*["']([a-z0-9-]+)["']""", path.read_text()))
    used |= set(re.findall(r"""\bicon(?:_name)?=["']([a-z0-9-]+)["']""", path.read_text()))
    assert used <= sprite, "add them to program/static/icons.txt and run scripts/vendor_frontend.sh"


def test_icons_drawn_by_the_style_sheet_are_vendored() -> None:
    there = set(re.findall(r"--icon-([a-z0-9-]+):", (STATIC / "vendor/tabler/tabler.min.css").read_text()))
    used = set(re.findall(r"var\(--icon-([a-z0-9-]+)\)", (STATIC / "milepost.css").read_text()))
    assert used <= there


def test_vendored_files_are_those_that_are_listed() -> None:
    listed = re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (STATIC / "vendor/VERSIONS.md").read_text())
    assert len(listed) == 7
    for name, checksum in listed:
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == checksum, name


def test_a_cold_page_leaves_room_for_its_content() -> None:
    """All that a first visit loads beside the page itself; the whole may weigh 200 KB."""
    names = [
        "vendor/tabler/tabler.min.css",
        "milepost.css",
        "milepost.js",
        "vendor/htmx/htmx.min.js",
        "icons.svg",
        "mark.svg",
    ]
    assert sum(len(brotli.compress((STATIC / name).read_bytes(), quality=5)) for name in names) < 90_000
    assert len((STATIC / "milepost.js").read_bytes()) < 15_500


@pytest.mark.parametrize("path", MACROS, ids=name_of)
def test_macros_are_told_in_the_header(path: Path) -> None:
    header, _, body = path.read_text().partition("-#}")
    assert "Example" in header
    offered = set(re.findall(r"\{%-? macro ([a-z]\w*)\(", body)) | set(
        re.findall(r"\{%-? set (\w+) = remembered", body)
    )
    inner = {"first_error", "field_label", "optional", "help_and_errors", "control", "tone", "initials_of"}
    assert {name for name in offered - inner if f"{name}(" not in header} == set()


def test_every_state_has_a_mark_and_a_word(app: Flask) -> None:
    style = (STATIC / "milepost.css").read_text()
    with app.test_request_context("/"):
        module = app.jinja_env.get_template("macros/states.html").module
        words = {state: str(module.state_word(state)) for state in STATES}  # type: ignore[attr-defined]
        assert str(module.badge("done")) == '<span class="state state-done">Done</span>'  # type: ignore[attr-defined]
    assert len(set(words.values())) == len(STATES), "two states must not read the same"
    for state in STATES:
        assert re.search(rf"\.state-{state} {{[^}}]*--mark:", style), state
