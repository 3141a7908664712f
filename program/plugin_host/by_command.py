"""Connecting a program from a plugin's own command: with the form, checks and audit that the page has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from program.ground.actor import Origin, system
from program.ground.errors import Invalid
from program.plugin_api.contract import Program, SecretField
from program.plugin_host import connections, switching
from program.plugin_host.forms import PREFIX, SECRET_PREFIX, Kept, filled, form_class
from program.plugin_host.host import working


def connect(plugin: str, program: Program, name: str, values: Mapping[str, Any]) -> int:
    """Switch the plugin on for the program and connect it. Raises Invalid naming the fields at fault."""
    found = working(plugin)
    declared = form_class(found, "connection_form")
    if declared is None:
        raise Invalid(_l("This plugin connects with nothing."))
    sent: MultiDict[str, str] = MultiDict()
    for one in declared(prefix=PREFIX):
        value = values.get(one.short_name, one.default)
        if value is None or value is False:
            continue
        secret = isinstance(one, SecretField)
        sent[f"{SECRET_PREFIX}{one.short_name}" if secret else one.name] = "y" if value is True else str(value)
    form = filled(found, declared, Kept(), sent)
    if form.result is None:
        wrong = {one.short_name: one.errors[0] for one in form.fields if one.errors}
        raise Invalid(_l("Something is not right yet."), wrong)
    actor = system(Origin.CLI)
    switching.set_enabled(actor, plugin, True)
    switching.set_in_program(actor, program.id, plugin, True)
    return connections.add(actor, program.id, plugin, name, form.result)
