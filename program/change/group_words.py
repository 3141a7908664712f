"""The words of impacted groups: what holds one together, the ten aspects, what each level of impact means."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from program.change.models.groups import Aspect, GroupKind
from program.planning.history_words import COLUMN_WORDS

KIND_WORDS: dict[str, Any] = {
    GroupKind.TEAM.value: _l("Team"),
    GroupKind.SITE.value: _l("Site"),
    GroupKind.CHANNEL.value: _l("Customer channel"),
}
ASPECT_WORDS: dict[str, Any] = {
    Aspect.PROCESSES.value: _l("Processes"),
    Aspect.SYSTEMS.value: _l("Systems"),
    Aspect.TOOLS.value: _l("Tools"),
    Aspect.JOB_ROLES.value: _l("Job roles"),
    Aspect.BEHAVIOURS.value: _l("Behaviours"),
    Aspect.MINDSET.value: _l("Mindset"),
    Aspect.REPORTING.value: _l("Reporting lines"),
    Aspect.PERFORMANCE_REVIEW.value: _l("Performance reviews"),
    Aspect.PAY.value: _l("Pay"),
    Aspect.LOCATION.value: _l("Location"),
}
COLUMN_WORDS.update({f"group.{aspect}": word for aspect, word in ASPECT_WORDS.items()})
ASPECT_HELP: dict[str, Any] = {
    Aspect.PROCESSES.value: _l("Steps, rules and hand-overs of the daily work"),
    Aspect.SYSTEMS.value: _l("Software they work in, such as the CRM"),
    Aspect.TOOLS.value: _l("Equipment, scripts, templates, knowledge base"),
    Aspect.JOB_ROLES.value: _l("What they answer for, and who does what"),
    Aspect.BEHAVIOURS.value: _l("How they speak with customers and with each other"),
    Aspect.MINDSET.value: _l("What they believe good work is"),
    Aspect.REPORTING.value: _l("To whom they report"),
    Aspect.PERFORMANCE_REVIEW.value: _l("What they are measured by"),
    Aspect.PAY.value: _l("Pay, bonuses and other benefits"),
    Aspect.LOCATION.value: _l("Where they work"),
}
LEVEL_WORDS: dict[int, Any] = {
    0: _l("Untouched"),
    1: _l("Hardly noticed"),
    2: _l("Small: habits stay"),
    3: _l("Clear: something has to be learned"),
    4: _l("Large: much is done differently"),
    5: _l("Turned upside down"),
}
