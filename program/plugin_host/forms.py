"""Forms of plugins: built from the class that a plugin declares, drawn by the core, secrets never drawn at all.

A plugin's form is a stranger's code, so it is built and validated as a call of the plugin, within a time. Its fields
hold what JSON can hold. A secret that is left empty stays as it was: the form is validated as if it had been typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields.simple import FileField
from wtforms.widgets import PasswordInput

from program.ground.records import record
from program.ground.sealing import CannotUnseal, seal, unseal
from program.plugin_api.contract import SecretField
from program.plugin_host.calling import Nonsense, PluginFailed, call, run
from program.plugin_host.discovery import Installed

# Before the names of a plugin's fields, so that none of them is taken for one of the core's. What holds 'secret' in its
# name is not shown again by the pages for what went wrong either.
PREFIX, SECRET_PREFIX = "set-", "set-secret-"
MOST_FIELDS, MOST_KEPT = 40, 20_000
SHAPES = (str, int, float, bool, type(None))


@record
class Kept:
    """What a form's row holds: values as they are, secrets sealed."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PluginForm:
    """A plugin's form with its values, and what came of validating it."""

    form: Form
    # Names of secrets that are kept already, and of those that can no longer be read.
    kept: frozenset[str]
    unreadable: frozenset[str]
    result: Kept | None = None

    @property
    def fields(self) -> list[Any]:
        """The fields in order."""
        return list(self.form)

    def help_for(self, one: Any) -> Any:
        """A field's help; for a secret what becomes of it."""
        if not isinstance(one, SecretField):
            return one.description
        if one.short_name in self.unreadable:
            said = _("The one that was kept can no longer be read. Enter it again.")
        elif one.short_name in self.kept:
            said = _("One is kept. Leave this empty to keep it.")
        else:
            said = _("It is kept encrypted and never shown again.")
        return f"{one.description} {said}".strip()


def form_class(installed: Installed, hook: str) -> type[Form] | None:
    """The plugin's form for the instance ('settings_form') or a program ('connection_form'). Raises PluginFailed."""
    if hook not in installed.hooks:
        return None
    found: type[Form] | None = call(installed, hook, _check_class)
    return found


def empty_or_kept(installed: Installed, declared: type[Form], kept: Kept) -> PluginForm:
    """The form with what is kept in it. Raises PluginFailed."""
    return run(installed, "form", lambda: _build(declared, kept, None), lambda form: form)


def filled(installed: Installed, declared: type[Form], kept: Kept, sent: MultiDict[str, str]) -> PluginForm:
    """The form as it was sent; `result` is what to keep, None when something is wrong with it. Raises PluginFailed."""
    return run(installed, "form", lambda: _build(declared, kept, sent), lambda form: form)


def failed_form(error: PluginFailed) -> str:
    """What the page says in place of a form that could not be had."""
    return _("The plugin could not give its form: %(reason)s", reason=error.reason)


def _check_class(answer: Any) -> type[Form] | None:
    if answer is None:
        return None
    if not (isinstance(answer, type) and issubclass(answer, Form)):
        raise Nonsense("a form is a class derived from wtforms.Form.")
    return answer


def _build(declared: type[Form], kept: Kept, sent: MultiDict[str, str] | None) -> PluginForm:
    # What WTForms says by itself ("This field is required.") is said in the reader's language, too.
    form = declared(prefix=PREFIX, meta={"locales": [str(get_locale() or "en")]})
    fields = list(form)
    if len(fields) > MOST_FIELDS:
        raise ValueError(f"a form has at most {MOST_FIELDS} fields")
    if any(isinstance(one, FileField | CSRFTokenField) for one in fields):
        raise ValueError("forms of plugins take no files and bring no token of their own")
    opened, unreadable = {}, set()
    for one in fields:
        if isinstance(one, SecretField):
            one.name = one.id = f"{SECRET_PREFIX}{one.short_name}"
            one.label.field_id = one.id
            one.widget = PasswordInput(hide_value=True)
            if sealed := kept.secrets.get(one.short_name):
                try:
                    opened[one.short_name] = unseal(sealed)
                except CannotUnseal:
                    unreadable.add(one.short_name)
    settings = {name: value for name, value in kept.settings.items() if name in form}
    if sent is None:
        form.process(None, data=settings)
        return PluginForm(form, frozenset(opened), frozenset(unreadable))
    taken = MultiDict(sent)
    for name, secret in opened.items():
        if not taken.get(f"{SECRET_PREFIX}{name}"):
            taken[f"{SECRET_PREFIX}{name}"] = secret
    form.process(taken)
    result = PluginForm(form, frozenset(opened), frozenset(unreadable))
    if form.validate():
        result.result = _to_keep(fields)
    return result


def _to_keep(fields: list[Any]) -> Kept:
    settings, secrets = {}, {}
    for one in fields:
        if isinstance(one, SecretField):
            if one.data:
                secrets[one.short_name] = seal(str(one.data))
        else:
            settings[one.short_name] = _plain(one.short_name, one.data)
    if len(json.dumps([settings, secrets])) > MOST_KEPT:
        raise ValueError(f"a form keeps at most {MOST_KEPT} letters")
    return Kept(settings, secrets)


def _plain(name: str, value: Any) -> Any:
    if type(value) in SHAPES:
        return value
    if isinstance(value, list | tuple) and all(type(one) in SHAPES for one in value):
        return list(value)
    raise ValueError(
        f"the field {name!r} holds a {type(value).__name__}: text, numbers, yes or no and lists can be kept"
    )
