"""Whatever a plugin's package does wrong, the app is put together, and the page says what is wrong with which."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask

from program import create_app
from program.plugin_host import discovery
from program.plugin_host.host import host
from program.settings import Settings
from tests.cast import Cast
from tests.plugins.conftest import GROUP, POISONED, UNLOADABLE

REASONS = {
    "fails_on_import": "No module named 'their_sdk'",
    "exits_on_import": "SystemExit: goodbye",
    "not_there": "No module named 'tests.plugins.nowhere'",
    "no_attribute": "Nothing",
    "misspelt": "delivr",
    "wrongargument": "conection",
    "nameless": "Its name must be 'nameless'",
    "fromthefuture": "Its api must be 1",
    "noplugin": "is not a Plugin",
    "Loud Name": "small letters",
}


def test_every_reason_is_tested():
    assert set(REASONS) == set(UNLOADABLE)


@pytest.mark.parametrize("name", REASONS)
def test_what_cannot_be_loaded_is_listed_with_its_reason(inside: Flask, name: str):
    found = host().plugins[name]
    assert found.is_broken
    assert REASONS[name] in found.reason


def test_the_others_are_loaded_all_the_same(inside: Flask):
    working = {name for name, one in host().plugins.items() if not one.is_broken}
    assert working == {"sample", *POISONED}
    assert "deliver" in host().plugins["sample"].hooks


def test_a_module_that_never_finishes_its_import_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    (tmp_path / "sleepy_plugin.py").write_text("import threading\nthreading.Event().wait(10)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(discovery, "LOAD_SECONDS", 0.05)
    found = discovery.load(EntryPoint("sleepy", "sleepy_plugin:Plugin", GROUP))
    assert "not imported within" in found.reason


def test_two_packages_of_one_name_are_told_apart_by_nobody():
    twice = [EntryPoint("sample", "tests.plugins.sample:Sample", GROUP)] * 2
    found = discovery.find(twice)
    assert found["sample"].is_broken
    assert "Two packages" in found["sample"].reason


def test_an_app_without_plugins_is_an_app():
    app = create_app(Settings(secret_key="x"), PLUGINS=[])
    with app.app_context():
        assert host().plugins == {}


def test_hooks_that_are_asked_at_the_start_and_fail_are_told_on_the_page(plugin_app: Flask, cast: Cast, visit: Any):
    page = visit(cast.admin).get("/admin/plugins/raises").text
    assert "OSError: no pages" in page
    assert "RuntimeError: no ticks" in page
    page = visit(cast.admin).get("/admin/plugins/nonsense").text
    assert "what the contract does not know" in page


def test_the_list_says_what_is_wrong_with_each(plugin_app: Flask, cast: Cast, visit: Any):
    page = visit(cast.admin).get("/admin/plugins").text
    for name in UNLOADABLE:
        assert name in page
    assert "their_sdk" in page
    assert page.count("Broken") >= len(UNLOADABLE)


@pytest.mark.parametrize("name", ["fails_on_import", "misspelt", "noplugin"])
def test_a_broken_plugin_has_a_page_and_cannot_be_switched_on(plugin_app: Flask, cast: Cast, visit: Any, name: str):
    client = visit(cast.admin)
    page = client.get(f"/admin/plugins/{name}")
    assert page.status_code == 200
    assert "It could not be loaded." in page.text
    client.post(f"/admin/plugins/{name}/enabled", data={"value": "1"})
    assert "could not be loaded" in client.get(f"/admin/plugins/{name}").text
    assert "Switched off" not in client.get(f"/admin/plugins/{name}").text
