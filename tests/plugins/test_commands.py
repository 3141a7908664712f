"""`milepost plugin` and the commands that plugins bring."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from program.cli import main
from program.plugin_api.contract import Health
from program.plugin_host import discovery
from tests.cast import Cast
from tests.plugins import sample
from tests.plugins.conftest import GROUP, points


@pytest.fixture
def milepost(plugin_app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command where those plugins are installed."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database_url)
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "a key for tests only")
    monkeypatch.setattr(discovery, "announced", points)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


def test_all_plugins_are_listed_with_their_state(milepost: Any, all_on: None):
    lines = {line.split()[0]: line for line in milepost("plugin", "list").output.splitlines()}
    assert lines["sample"].endswith("not checked yet")
    assert "broken: ImportError: No module named 'their_sdk'" in lines["fails_on_import"]
    told = {one["name"]: one for one in json.loads(milepost("plugin", "list", "--json").output)}
    assert told["sample"]["enabled"] is True
    assert "deliver" in told["sample"]["hooks"]
    assert told["misspelt"]["state"] == "broken"


def test_an_instance_without_plugins_says_so(milepost: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(discovery, "announced", list)
    assert "No plugin is installed" in milepost("plugin", "list").output
    assert "No plugin is switched on" in milepost("plugin", "check").output
    assert json.loads(milepost("plugin", "list", "--json").output) == []


def test_one_is_switched_on_and_off(milepost: Any):
    assert "Sample is switched on." in milepost("plugin", "enable", "sample").output
    assert "not checked yet" in milepost("plugin", "list").output
    assert "Sample is switched off." in milepost("plugin", "disable", "sample").output
    refused = milepost("plugin", "enable", "misspelt")
    assert refused.exit_code == 1
    assert "delivr" in refused.output
    assert milepost("plugin", "enable", "nobody").exit_code == 1


def test_a_check_asks_the_instance_and_every_connection(milepost: Any, connect: Any):
    connect(name="Tafla")
    answer = milepost("plugin", "check", "sample")
    assert answer.exit_code == 0
    assert answer.output.splitlines() == ["ok      sample All is well.", "ok      sample (ALFA: Tafla) All is well."]


def test_a_check_that_finds_trouble_says_so_in_its_exit_code(milepost: Any, all_on: None, impatient: None):
    sample.INSTEAD["check"] = lambda _connection: Health(False, "Renew the token.")
    answer = milepost("plugin", "check", "sample")
    assert answer.exit_code == 1
    assert "TROUBLE sample Renew the token." in answer.output
    everything = json.loads(milepost("plugin", "check", "--json").output)
    assert {one["plugin"]: one["good"] for one in everything} == dict.fromkeys(
        ("sample", "raises", "hangs", "nonsense"), False
    )


def test_a_plugin_s_commands_are_called_by_its_name(milepost: Any, cast: Cast):
    answer = milepost("sample", "count", "ALFA")
    assert (answer.exit_code, answer.output) == (0, "0\n")
    assert "Count the open items" in milepost("sample", "--help").output
    refused = milepost("sample", "count", "NOPE")
    assert refused.exit_code == 1
    assert "There is nothing here" in refused.output


def test_help_lists_plugins_with_commands_and_leaves_out_those_that_cannot_say(milepost: Any):
    output = milepost("--help").output
    assert "sample" in output
    assert "serve" in output
    assert "misspelt" not in output
    assert "No such command" in milepost("raises", "anything").output
    assert "No such command" in milepost("nobody").output


def test_one_that_was_taken_away_can_still_be_switched_off(milepost: Any, monkeypatch: pytest.MonkeyPatch):
    milepost("plugin", "enable", "sample")
    monkeypatch.setattr(discovery, "announced", list)
    assert "not installed" in milepost("plugin", "list").output
    assert "sample is switched off." in milepost("plugin", "disable", "sample").output
    assert milepost("plugin", "disable", "nobody").exit_code == 1


def test_the_doctor_names_what_is_switched_on_and_missing_or_broken(
    milepost: Any, monkeypatch: pytest.MonkeyPatch, plugin_app: Flask
):
    def plugins() -> Any:
        findings = json.loads(milepost("doctor", "--json").output)["findings"]
        return [(one["state"], one["sentence"]) for one in findings if one["check"] == "plugins"]

    milepost("plugin", "enable", "sample")
    assert plugins() == [("ok", "All that are switched on (1) could be loaded.")]
    broken = EntryPoint("sample", "tests.plugins.fails_on_import:Plugin", GROUP)
    monkeypatch.setattr(discovery, "announced", lambda: [broken])
    assert plugins() == [("warning", "Switched on but broken: sample.")]
    monkeypatch.setattr(discovery, "announced", list)
    assert plugins() == [("warning", "Switched on but no longer installed: sample.")]


def test_a_plugin_s_commands_are_called_by_the_word_it_gives(milepost: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sample.Sample, "command", "tally", raising=False)
    assert "tally " in milepost("--help").output
    assert milepost("tally", "count", "ALFA").exit_code == 1
    assert "not here" not in milepost("tally", "--help").output
    assert milepost("sample", "count", "ALFA").exit_code == 2


def test_a_word_that_is_another_plugin_s_name_stays_with_that_one(milepost: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sample.Sample, "command", "raises", raising=False)
    assert milepost("sample", "--help").exit_code == 0


def test_a_word_that_no_command_can_have_is_refused_with_the_reason(milepost: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sample.Sample, "command", "two words", raising=False)
    assert "Its command must be one word" in milepost("plugin", "list").output
