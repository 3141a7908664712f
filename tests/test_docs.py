"""The manuals are read against the code: settings, commands and files must stand in them as they are."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from program.cli import main
from program.settings import Settings, environment_name


def commands(group: click.Group, prefix: str = "milepost") -> list[str]:
    """Every command, as it is typed."""
    found = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


@pytest.fixture
def operations(project_root: Path) -> str:
    return (project_root / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_explained(setting, operations):
    default = f"`{setting.default}`" if setting.default != "" else "empty"
    assert f"| `{environment_name(setting.name)}` | {default} | {setting.metadata['sentence']} |" in operations


def test_no_setting_is_invented(operations):
    known = {environment_name(setting.name) for setting in fields(Settings)}
    assert set(re.findall(r"MILEPOST_[A-Z_]+", operations)) <= known


@pytest.mark.parametrize("command", commands(main))
def test_every_command_is_explained_and_helps(command, operations):
    assert f"| `{command}" in operations
    context: click.Command = main
    for name in command.split()[1:]:
        assert isinstance(context, click.Group)
        context = context.commands[name]
    assert context.help
    for parameter in context.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{command} {parameter.opts[0]} has no help"


def test_no_command_is_invented(operations):
    known = set(commands(main))
    table = operations[operations.index("## Commands") :]
    for documented in re.findall(r"\| `(milepost [a-z ]+[a-z])", table):
        assert documented in known


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "docs/architecture.md",
        "docs/operations.md",
        "docs/interface.md",
        "docs/plugins.md",
        "docs/slack.md",
        "docs/exports.md",
    ],
)
def test_named_files_exist(document, project_root: Path):
    text = (project_root / document).read_text(encoding="utf-8")
    roots = ("program/", "templates/", "tests/", "docs/", "scripts/", "migrations/", "plugins/")
    for path in re.findall(r"`([\w./-]+)`", text):
        if path.startswith(roots):
            assert (project_root / path).exists(), f"{document} names {path}"
