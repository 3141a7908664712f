"""Promises about the project's own files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def tracked(project_root: Path) -> list[Path]:
    """The files git keeps."""
    listed = subprocess.run(["git", "ls-files"], cwd=project_root, capture_output=True, text=True, check=True)
    return [project_root / name for name in listed.stdout.splitlines() if (project_root / name).is_file()]


def test_building_the_app_touches_nothing(project_root: Path):
    """No file is written, no socket opened, no database connected, no process started by `create_app()`."""
    script = """
import sys, sqlite3, socket, subprocess, builtins
from program import create_app
from program.settings import Settings
import flask, jinja2, babel, flask_babel
def refuse(name):
    def refused(*a, **k):
        raise SystemExit(f"create_app used {name}: {a}")
    return refused
real_open = builtins.open
def reading_only(file, mode="r", *a, **k):
    return real_open(file, mode, *a, **k) if set(mode) <= set("rbt") else refuse("open for writing")(file)
builtins.open = reading_only
socket.socket.connect = refuse("a socket")
sqlite3.connect = sqlite3.dbapi2.connect = refuse("sqlite")
subprocess.Popen = refuse("a process")
create_app(Settings(secret_key="x", database_url="sqlite:////nowhere/at/all.sqlite3"))
print("built")
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=project_root, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.stdout.strip() == "built", run.stdout + run.stderr


def test_heavy_packages_load_where_they_are_used(project_root: Path):
    script = """
import sys
from program import create_app
from program.settings import Settings
create_app(Settings(secret_key="x"))
heavy = {"alembic", "holidays", "openpyxl", "markdown_it", "nh3", "psycopg", "gunicorn", "pwdlib", "icalendar"}
heavy |= {"cryptography", "apscheduler", "slack_sdk", "slack_bolt", "jira", "vl_convert", "typst", "pptx"}
heavy |= {"PIL", "lxml", "requests", "aiohttp"}
print(sorted(heavy & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=project_root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_no_registry_address_stands_anywhere(project_root: Path):
    # Written in parts, so that this file does not name them either.
    hosts = ("pypi." + "org", "files." + "pythonhosted", "registry." + "npmjs", "deb." + "debian")
    for path in tracked(project_root):
        if path.suffix in {".png", ".ico", ".woff2"} or "vendor" in path.parts:
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        for host in hosts:
            assert host not in content, f"{path} names {host}"


def test_pages_have_no_inline_script_style_or_foreign_address(project_root: Path):
    for path in (project_root / "templates").rglob("*.html"):
        content = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", content), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", content), path
        assert not re.search(r"(src|href)=\"https?://", content), path


def test_nothing_is_left_for_later(project_root: Path):
    marks = re.compile(r"(#|//|/\*|<!--).*\b(" + "TO" + "DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for path in tracked(project_root):
        if path.suffix in {".py", ".html", ".css", ".js", ".md"} and "vendor" not in path.parts:
            found = marks.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path}: {found.group()}"
