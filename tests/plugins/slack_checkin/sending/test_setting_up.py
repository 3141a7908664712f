"""Setting Slack up: the manifest asks for what is used, the check says what is missing, secrets stay secret."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.datastructures import MultiDict

from plugins.slack_checkin import pacing, settings
from plugins.slack_checkin.client import METHODS, web_client
from plugins.slack_checkin.manifest import TOLD_OF, bot_scopes
from plugins.slack_checkin.meanings import COMMON, OF_METHODS
from program.cli import main
from program.ground import database
from program.plugin_api.contract import Connection, Misconfigured
from program.plugin_host import checking, discovery, switching
from program.plugin_host.forms import Kept, filled, form_class
from program.plugin_host.host import host
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, Slack
from tests.plugins.slack_checkin.sending.conftest import POINT, Office


@pytest.fixture
def milepost(office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command as an administrator would."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database_url)
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "a key for tests only")
    monkeypatch.setenv("MILEPOST_BASE_URL", "https://milepost.firma.example")
    monkeypatch.setattr(discovery, "announced", lambda: [POINT])

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["slack", *arguments])

    return run


def test_the_manifest_asks_for_exactly_the_rights_that_are_used(milepost: Any):
    asked = json.loads(milepost("manifest").output)
    needed = {scope for method in METHODS.values() for scope in method.scopes} - {"connections:write"}
    assert set(asked["oauth_config"]["scopes"]["bot"]) == needed | {"commands"} | ({*TOLD_OF.values()} - {""})
    assert asked["settings"]["socket_mode_enabled"] is False
    assert asked["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": "https://milepost.firma.example/plugins/slack_checkin/events",
    }
    assert asked["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened", "reaction_added"]
    assert asked["features"]["app_home"]["messages_tab_enabled"] is True
    shortcuts = [one["callback_id"] for one in asked["features"]["shortcuts"]]
    assert shortcuts == ["idea.new", "idea.from_message", "review.pick"]


def test_the_manifest_of_socket_mode_names_no_address(milepost: Any):
    assert "request_url" not in milepost("manifest", "--socket").output
    assert "firma.example" not in milepost("manifest", "--socket").output
    assert "/milepost" in milepost("manifest", "--socket").output
    assert "https://other.example/plugins" in milepost("manifest", "--base-url", "https://other.example/").output


@pytest.mark.parametrize("language", ["en", "pl"])
def test_its_texts_fit_slack(milepost: Any, language: str):
    asked = json.loads(milepost("manifest", "--language", language).output)
    assert len(asked["display_information"]["description"]) <= 140
    for shortcut in asked["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_the_check_says_that_all_is_well_or_what_could_not_be_seen(milepost: Any):
    answer = milepost("check")
    assert answer.exit_code == 0
    said = answer.output.splitlines()
    assert said[:3] == [
        "ok      Milepost is connected with the workspace Alfa Bank.",
        "ok      The app has all the rights it needs.",
        "ok      The signing secret is there.",
    ]
    assert said[3].startswith("UNSURE  https://milepost.firma.example")


def test_the_check_names_what_is_missing(milepost: Any, slack: Slack, monkeypatch: pytest.MonkeyPatch):
    slack.token.scopes = slack.token.scopes - {"im:history", "users:read.email"}
    monkeypatch.delenv("MILEPOST_SLACK_SIGNING_SECRET")
    monkeypatch.setenv("MILEPOST_BASE_URL", "http://127.0.0.1:8000")
    answer = milepost("check")
    assert answer.exit_code == 1
    assert "The app lacks im:history, users:read.email." in answer.output
    assert "The signing secret is missing." in answer.output
    assert "MILEPOST_BASE_URL is http://127.0.0.1:8000" in answer.output
    told = json.loads(milepost("check", "--json").output)
    assert [one["good"] for one in told] == [True, False, False, False]


def test_the_check_of_socket_mode_tries_the_app_s_token(milepost: Any, slack: Slack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MILEPOST_SLACK_APP_TOKEN", APP_TOKEN)
    assert "Socket Mode works" in milepost("check").output
    slack.app_token.scopes = frozenset()
    assert "lacks connections:write" in milepost("check").output
    monkeypatch.setenv("MILEPOST_SLACK_APP_TOKEN", BOT_TOKEN)
    assert "begins with xapp-" in milepost("check").output


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("invalid_auth", "Slack does not know the token"),
        ("account_inactive", "The app was removed from the workspace"),
        ("token_revoked", "The token was taken back"),
        ("token_expired", "Switch off token rotation"),
    ],
)
def test_each_state_of_the_token_has_its_words(milepost: Any, slack: Slack, state: str, words: str):
    slack.token.state = state
    answer = milepost("check")
    assert answer.exit_code == 1
    assert words in answer.output


def test_the_plugin_s_health_is_the_first_thing_that_is_wrong(office: Office, monkeypatch: pytest.MonkeyPatch):
    with office.app.app_context():
        one = host().plugins["slack_checkin"]
        assert checking.check(one).sentence == "Milepost is connected with the workspace Alfa Bank."
        monkeypatch.delenv("MILEPOST_SLACK_SIGNING_SECRET")
        found = checking.check(one)
    assert (found.good, found.sentence[:29]) == (False, "The signing secret is missing")


def test_the_environment_wins_over_the_form(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    entered = Connection("slack_checkin", values={"bot_token": "xoxb-form", "signing_secret": "ab" * 16})
    (tmp_path / "token").write_text("xapp-file\n", encoding="utf-8")
    monkeypatch.setenv("MILEPOST_SLACK_APP_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.delenv("MILEPOST_SLACK_SIGNING_SECRET")
    with office.app.app_context():
        found = settings.setup_of(entered)
        assert (found.bot_token, found.signing_secret, found.app_token) == (BOT_TOKEN, "ab" * 16, "xapp-file")
        assert found.by_environment == {"bot_token", "app_token", "api_url"}
        assert BOT_TOKEN not in repr(found)
        monkeypatch.setenv("MILEPOST_SLACK_APP_TOKEN_FILE", str(tmp_path / "gone"))
        with pytest.raises(Misconfigured, match="MILEPOST_SLACK_APP_TOKEN_FILE"):
            settings.setup_of(entered)


def test_what_is_no_token_is_not_kept(office: Office):
    with office.app.test_request_context():
        one = host().plugins["slack_checkin"]
        declared = form_class(one, "settings_form")
        assert declared is not None
        wrong = filled(
            one, declared, Kept(), MultiDict({"set-secret-bot_token": "xapp-1", "set-secret-app_token": "x"})
        )
        right = filled(
            one, declared, Kept(), MultiDict({"set-secret-bot_token": "xoxb-1", "set-secret-app_token": "xapp-1"})
        )
    assert wrong.result is None
    assert right.result is not None


def test_slack_s_library_is_told_not_to_try_again(office: Office):
    with office.app.app_context():
        client = web_client(settings.own_setup())
    assert client.retry_handlers == []
    assert client.timeout == 10


def test_an_app_that_starts_loads_none_of_slack_s_libraries(project_root: Path):
    code = (
        "import sys; from importlib.metadata import EntryPoint; from program import create_app;"
        "from program.settings import Settings;"
        "create_app(Settings(secret_key='x'), PLUGINS=[EntryPoint('slack_checkin',"
        "'plugins.slack_checkin:SlackPlugin', 'milepost.plugins')]);"
        "print([name for name in sys.modules if name.split('.')[0] in ('slack_sdk', 'slack_bolt')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project_root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_switched_off_it_says_nothing(office: Office):
    with office.app.app_context(), database.transaction():
        switching.set_enabled(office.cast.admin.actor, "slack_checkin", False)
    office.tell(1)
    office.work()
    assert office.slack.calls() == []


def test_the_manual_says_what_is_so(project_root: Path):
    manual = (project_root / "docs" / "slack.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(MILEPOST_\w+)`", manual, re.MULTILINE)) == set(settings.VARIABLES.values())
    table = manual[manual.index("| scope |") : manual.index("It reads nothing")]
    assert re.findall(r"^\| `([a-z:.]+)`", table, re.MULTILINE) == bot_scopes()
    told = manual[manual.index("## When something is wrong") :]
    sentences = {str(one.words) for known in (COMMON, *OF_METHODS.values()) for one in known.values()}
    for sentence in re.findall(r"^\| ([A-Z][^|]+\.) \|", told, re.MULTILINE):
        assert any(one.startswith(sentence) for one in sentences), sentence
    assert f"{pacing.MESSAGES_A_MINUTE} a minute" in manual
    assert set(re.findall(r"milepost slack (\w+)", manual)) == {"manifest", "check"}
