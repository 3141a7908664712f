"""Drawing what plugins declare, with their mistakes caught, and the words for what they do."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from program.plugin_host import reports
from program.plugin_host.calling import PluginFailed
from program.plugin_host.discovery import Installed, in_words
from program.plugin_host.forms import PluginForm

HOOK_WORDS = {
    "settings_form": _l("settings for the whole instance"),
    "connection_form": _l("connections of programs"),
    "blueprints": _l("pages of its own"),
    "commands": _l("commands"),
    "panels": _l("a box on a program's overview and progress page"),
    "knows": _l("whom it reaches"),
    "deliver": _l("hands over messages"),
    "was_delivered": _l("finds out about lost replies"),
    "sync": _l("keeps both sides up to date"),
    "readings": _l("brings figures of KPIs"),
    "ticks": _l("regular work"),
    "check": _l("says whether it works"),
}
# What is the plugin's own code and no hook.
OTHER_WORDS = {"page": HOOK_WORDS["blueprints"], "tick": HOOK_WORDS["ticks"], "form": _l("Settings")}


def drawn(installed: Installed, form: PluginForm) -> Markup:
    """The fields of a plugin's form with their errors, as the core draws them. Raises PluginFailed.

    Labels, choices and widgets are the plugin's, so drawing them can fail like any call; what they hold is escaped.
    """
    try:
        return Markup(render_template("plugins/fields.html", form=form.form, one=form))  # noqa: S704 - a template's own
    except Exception as error:
        reason = in_words(error)
        reports.failed(installed.name, "form", reason)
        raise PluginFailed(reason) from error
