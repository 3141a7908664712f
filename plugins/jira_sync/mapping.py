"""What maps to what, as a manager chooses it from what the project really has.

The form is made for one project as it was read (`side.py`): lists instead of names to type, one row for each status,
one field for each value that Jira demands. `chosen` turns it into what the connection keeps.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from plugins.jira_sync.fitting import GIVEN
from plugins.jira_sync.merging import Direction, Rule
from plugins.jira_sync.plan import FIELDS, ISSUES, PHASE_AS, Plan
from plugins.jira_sync.settings import NAMES
from plugins.jira_sync.side import Demanded, IssueType, Side
from plugins.jira_sync.statuses import RemoteStatus, meaning

STATUSES = {
    "todo": _l("not started"),
    "doing": _l("in progress"),
    "blocked": _l("blocked"),
    "done": _l("done"),
    "dropped": _l("dropped"),
}
URGENCIES = {1: _l("Low"), 2: _l("Normal"), 3: _l("High"), 4: _l("Urgent")}
_PHASES = {
    "epic": _l("Epics"),
    "subtask": _l("One issue each, its items sub-tasks of it"),
    "version": _l("Versions"),
    "component": _l("Components"),
    "label": _l("Labels"),
    "none": _l("Nothing"),
}
_DIRECTIONS = {
    Direction.BOTH: _l("Both ways"),
    Direction.TO_JIRA: _l("To Jira only"),
    Direction.FROM_JIRA: _l("From Jira only"),
    Direction.OFF: _l("Not at all"),
}
_RULES = {Rule.JIRA: _l("Jira wins"), Rule.PROGRAM: _l("The program wins"), Rule.ASK: _l("Ask")}


class MappingForm(Form):
    """What every project can be asked; the rest is added for the project at hand."""

    item_type = SelectField(_l("Items become issues of the type"))
    phase_as = SelectField(_l("Phases become"), choices=[SelectChoice(key, _PHASES[key]) for key in PHASE_AS])
    epic_type = SelectField(_l("Phases become issues of the type"))
    rule = SelectField(
        _l("When both sides changed the same"),
        choices=[SelectChoice(key, words) for key, words in _RULES.items()],
        description=_l("Either way it is listed with both values, and can be turned round."),
    )
    start_field = SelectField(_l("Field of the start date"))
    with_links = BooleanField(_l("Carry what waits for what as links"))
    with_evidence = BooleanField(_l("Show evidence of items as links on their issues"))
    comments = SelectField(
        _l("Comments"),
        choices=[SelectChoice(key, words) for key, words in _DIRECTIONS.items()],
        description=_l("Also those that are there already. What Jira shows to some only stays there."),
    )


def build(side: Side, plan: Plan, sent: Mapping[str, str] | None = None) -> MappingForm:
    """The form for that project: as the plan has it, or as it was sent."""
    item_type, epic_type = plan.item_type, plan.epic_type
    if sent is not None:
        item_type, epic_type = sent.get("item_type", item_type), sent.get("epic_type", epic_type)
    fields: dict[str, Any] = {
        f"direction_{name}": SelectField(
            NAMES[name], choices=[SelectChoice(key, words) for key, words in _DIRECTIONS.items()]
        )
        for name in FIELDS
    }
    for one in side.statuses():
        fields[status_name(one)] = SelectField(one.name, choices=_meanings(one))
    for ours, words in URGENCIES.items():
        choices = [SelectChoice("", _l("stays in the program")), *(SelectChoice(n, n) for n in side.priorities)]
        fields[f"priority_{ours}"] = SelectField(words, choices=choices)
    items, epics = side.type_named(item_type), side.type_named(epic_type)
    for each in _asked(items, {items.epic_link} if items else set()):
        fields[f"default_{each.key}"] = _demanded(each)
    for each in _asked(epics, {epics.epic_name, "duedate"} if epics else set()):
        fields[f"epic_default_{each.key}"] = _demanded(each)
    data = _data(side, plan)
    made: MappingForm = type("Mapping", (MappingForm,), fields)(
        MultiDict(sent) if sent is not None else None,
        data=data,
        meta={"locales": [str(get_locale() or "en")]},
    )
    standard = [one for one in side.types if not one.is_part]
    plain = [one for one in standard if one.level in (0, None)]
    phase_as = plan.phase_as if sent is None else sent.get("phase_as")
    if phase_as == "subtask":
        made.item_type.choices = _types([*(one for one in side.types if one.is_part), *plain], plan.item_type)
        made.epic_type.choices = _types(standard, plan.epic_type)
    else:
        made.item_type.choices = _types(plain, plan.item_type)
        made.epic_type.choices = _types([one for one in standard if one.may_be_epic], plan.epic_type)
    dates = items.dates if items else {}
    made.start_field.choices = [SelectChoice("", _l("It stays in the program"))] + [
        SelectChoice(key, f"{name} ({key})") for key, name in dates.items()
    ]
    return made


def chosen(form: MappingForm, side: Side) -> dict[str, Any]:
    """What the connection keeps of a valid form."""
    data = form.data
    names = ("item_type", "phase_as", "epic_type", "rule", "start_field", "with_links", "with_evidence", "comments")
    kept: dict[str, Any] = {name: data[name] for name in names}
    kept |= {f"direction_{name}": data[f"direction_{name}"] for name in FIELDS}
    kept["statuses"] = {one.name: data[status_name(one)] for one in side.statuses() if data[status_name(one)]}
    kept["priorities"] = {str(ours): data[f"priority_{ours}"] for ours in URGENCIES if data[f"priority_{ours}"]}
    items, epics = side.type_named(data["item_type"]), side.type_named(data["epic_type"] or "")
    kept["defaults"] = _values(data, "default_", items)
    kept["epic_defaults"] = _values(data, "epic_default_", epics if data["phase_as"] in ISSUES else None)
    return kept


def status_name(status: RemoteStatus) -> str:
    """The name of a status' field: names of statuses hold anything."""
    return "status_" + hashlib.sha256(f"{status.name}\n{status.category}".encode()).hexdigest()[:12]


def category_word(status: RemoteStatus) -> str:
    """What Jira calls the category of a status."""
    words = {"new": _("To do"), "indeterminate": _("In progress"), "done": _("Done")}
    return words.get(status.category, _("No category"))


def _data(side: Side, plan: Plan) -> dict[str, Any]:
    named = {name.casefold(): ours for name, ours in plan.statuses.items()}
    known = {name.casefold(): name for name in side.priorities}
    data: dict[str, Any] = {
        "item_type": plan.item_type,
        "phase_as": plan.phase_as,
        "epic_type": plan.epic_type,
        "rule": plan.rule,
        "start_field": plan.start_field,
        "with_links": plan.with_links,
        "with_evidence": plan.with_evidence,
        "comments": plan.comments,
    }
    data |= {f"direction_{name}": plan.directions.get(name, Direction.BOTH) for name in FIELDS}
    if not plan.start_field:
        # Off only for want of a field: it travels once there is one.
        data["direction_start_on"] = Direction.BOTH
    data |= {status_name(one): named.get(one.name.casefold(), "") for one in side.statuses()}
    data |= {f"priority_{ours}": known.get(plan.priorities.get(ours, "").casefold(), "") for ours in URGENCIES}
    data |= {f"default_{key}": _shown(value) for key, value in plan.defaults.items()}
    return data | {f"epic_default_{key}": _shown(value) for key, value in plan.epic_defaults.items()}


def _types(found: Iterable[IssueType], kept: str) -> list[SelectChoice]:
    choices = [SelectChoice(one.name, one.name) for one in found]
    if kept and kept not in {str(one.value) for one in choices}:
        # It stays in sight until somebody chooses another one, with what is wrong with it.
        choices.insert(0, SelectChoice(kept, _("%(name)s (not in the project)", name=kept)))
    return choices


def _meanings(status: RemoteStatus) -> list[SelectChoice]:
    by_itself = _("%(status)s (unless said otherwise)", status=STATUSES[meaning(status, {})])
    return [SelectChoice("", by_itself), *(SelectChoice(ours, words) for ours, words in STATUSES.items())]


def _asked(kind: IssueType | None, own: set[str]) -> list[Demanded]:
    return [one for one in kind.demanded if one.key not in GIVEN | own] if kind else []


def _demanded(one: Demanded) -> Any:
    if one.values:
        choices = [SelectChoice("", _l("choose")), *(SelectChoice(_same(value), words) for value, words in one.values)]
        return SelectField(one.name, choices=choices, default="")
    return StringField(one.name, [Length(max=500)], description=one.key)


def _values(data: Mapping[str, Any], prefix: str, kind: IssueType | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in kind.demanded if kind else ():
        if value := str(data.get(prefix + one.key) or "").strip():
            found[one.key] = _meant(one, value)
    return found


def _meant(one: Demanded, value: str) -> Any:
    if one.values:
        return json.loads(value)
    if one.kind == "number":
        try:
            return float(value.replace(",", "."))
        except ValueError:
            return value
    return [value] if one.kind == "array" else value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else _same(json.dumps(value))


def _same(text: str) -> str:
    """JSON in one spelling, so that what is kept finds itself among the choices."""
    return json.dumps(json.loads(text), sort_keys=True)
