"""How a plugin is set up, turned from rows into the frozen `Connection` that its hooks are given, secrets opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from program.ground.database import read
from program.ground.now import today_in
from program.ground.sealing import unseal
from program.people.models import Person
from program.planning.models import Program
from program.plugin_api import contract
from program.plugin_api.models import Connection, ConnectionReport, PluginState, ProgramPlugin

PROGRAM_COLUMNS = (Program.id, Program.key, Program.name, Program.locale, Program.timezone)
PERSON_COLUMNS = (Person.id, Person.name, Person.email, Person.locale, Person.timezone)


def program_data(columns: Sequence[Any]) -> contract.Program:
    """A program from PROGRAM_COLUMNS."""
    number, key, name, locale, timezone = columns
    return contract.Program(number, key, name, locale, timezone, today_in(timezone))


def of_instance(plugin: str) -> contract.Connection:
    """How the plugin is set up for the whole instance. Raises CannotUnseal."""
    row = read(select(PluginState.settings, PluginState.secrets).where(PluginState.plugin == plugin)).first()
    return _of_instance(plugin, *row) if row is not None else contract.Connection(plugin)


def _of_instance(plugin: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> contract.Connection:
    return contract.Connection(plugin, values=opened(settings, secrets), secret_names=frozenset(secrets))


def of_program(connection_id: int, plugin: str) -> contract.Connection | None:
    """That connection of the plugin; None when it is gone. Raises CannotUnseal."""
    found = connections(_connections().where(Connection.id == connection_id, Connection.plugin == plugin))
    return found[0] if found else None


def active(plugin: str) -> tuple[contract.Connection, ...]:
    """The plugin's connections that may act: switched on themselves, in their program and in the instance."""
    statement = _connections().where(Connection.plugin == plugin, *acting()).order_by(Connection.id)
    return connections(statement)


def acting() -> tuple[Any, ...]:
    """What must hold for a connection to act. A closed program rests."""
    in_program = select(ProgramPlugin.plugin).where(
        ProgramPlugin.program_id == Connection.program_id, ProgramPlugin.plugin == Connection.plugin
    )
    in_instance = select(PluginState.plugin).where(PluginState.plugin == Connection.plugin, PluginState.enabled)
    return Connection.enabled, in_program.exists(), in_instance.exists(), Program.closed_on.is_(None)


def connections(statement: Any) -> tuple[contract.Connection, ...]:
    """The connections that a statement of `_connections` gives."""
    return tuple(_connection(row) for row in read(statement))


def opened(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Settings with the secrets among them, readable. Raises CannotUnseal."""
    return {**settings, **{name: unseal(sealed) for name, sealed in secrets.items()}}


def _connections() -> Select[Any]:
    columns = (Connection.id, Connection.plugin, Connection.name, Connection.settings, Connection.secrets)
    return (
        select(*columns, Connection.revision, ConnectionReport.memory, *PROGRAM_COLUMNS)
        .join(Program, Program.id == Connection.program_id)
        .outerjoin(ConnectionReport, ConnectionReport.connection_id == Connection.id)
    )


def _connection(row: Sequence[Any]) -> contract.Connection:
    number, plugin, name, settings, secrets, revision, memory, *program = row
    values = opened(settings, secrets)
    return contract.Connection(
        plugin, number, name, program_data(program), values, memory or {}, frozenset(secrets), revision
    )
