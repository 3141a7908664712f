"""Connecting a program from a plugin's own command. The host does it, who stands above this room and says so here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app

from program.plugin_api.contract import Program
from program.plugin_api.units import writing

_NAME = "milepost.plugin_api.connecting"
Connecting = Callable[[str, Program, str, Mapping[str, Any]], int]


def use(app: Flask, connecting: Connecting) -> None:
    """Have programs of that app connected by this."""
    app.extensions[_NAME] = connecting


def connect_program(plugin: str, program: Program, name: str, values: Mapping[str, Any]) -> int:
    """For a plugin's own command: connect the program, switching the plugin on for it. The connection's id.

    `values` are those of the plugin's connection form, which checks them. Raises Invalid naming the fields at fault.
    """
    with writing():
        connecting: Connecting = current_app.extensions[_NAME]
        return connecting(plugin, program, name, values)
