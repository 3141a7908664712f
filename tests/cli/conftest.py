"""Fixtures of the command's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from program.cli import main


@pytest.fixture
def milepost(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the tests' database."""
    monkeypatch.setenv("MILEPOST_DATABASE_URL", database_url)
    monkeypatch.setenv("MILEPOST_SECRET_KEY", "a key for tests only")

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, list(arguments), **options)

    return run
