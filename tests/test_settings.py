"""Settings: what the environment says, and what cannot be used told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from program.settings import SettingError, Settings


def test_what_the_environment_says_is_taken_and_the_rest_has_its_default():
    settings = Settings.from_environment({"MILEPOST_LOCALE": "pl", "MILEPOST_WORKERS": "3", "MILEPOST_TIMEZONE": ""})
    assert (settings.locale, settings.workers, settings.timezone) == ("pl", 3, "Europe/Warsaw")


def test_a_secret_may_lie_in_a_file(tmp_path: Path):
    (tmp_path / "key").write_text("kept apart\n", encoding="utf-8")
    assert Settings.from_environment({"MILEPOST_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "kept apart"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MILEPOST_LOCALE", "de", "en or pl"),
        ("MILEPOST_WORKERS", "two", "whole number"),
        ("MILEPOST_WORKERS", "-1", "whole number"),
        ("MILEPOST_DATABASE_URL", "sqlite://", "Name a file"),
        ("MILEPOST_DATABASE_URL", "sqlite:///:memory:", "Name a file"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(name: str, value: str, words: str):
    with pytest.raises(SettingError, match=f"{name}.*{words}"):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("short", ["postgres://", "postgresql://"])
def test_postgresql_is_spoken_to_by_psycopg(short: str):
    settings = Settings(database_url=f"{short}reader@db/milepost")
    assert settings.resolved_database_url() == "postgresql+psycopg://reader@db/milepost"
