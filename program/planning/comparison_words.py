"""How a comparison is told on a page: which moments it is between, and what happened to each line."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.ground.records import record
from program.planning.comparison import LineChange
from program.planning.decisions import OUTCOME_WORDS
from program.planning.item_words import STATUS_WORDS

KIND_WORDS = {
    "removed": _l("Gone"),
    "added": _l("Added"),
    "dropped": _l("Dropped"),
    "finished": _l("Done"),
    "reopened": _l("Taken up again"),
    "later": _l("Later"),
    "earlier": _l("Earlier"),
    "dated": _l("Got a date"),
    "undated": _l("Lost its date"),
    "status": _l("Another status"),
    "phase": _l("Another phase"),
    "owner": _l("Another owner"),
    "renamed": _l("Renamed"),
}


@record
class ChangeRow:
    """A changed line as the page shows it."""

    name: str
    # What happened, in a few words each.
    said: tuple[str, ...]
    before: str
    after: str
    object_type: str
    object_id: int
    # False when the thing is gone and its page with it.
    is_there: bool


def tell(change: LineChange, phases: Mapping[int | None, str], people: Mapping[int | None, str]) -> ChangeRow:
    """One change in words."""
    said = tuple(_said(change, kind, phases, people) for kind in change.kinds)
    return ChangeRow(
        change.name,
        said,
        formats.day(change.before.ends_on) if change.before else "",
        formats.day(change.after.ends_on) if change.after else "",
        change.object_type,
        change.object_id,
        change.after is not None,
    )


def _said(change: LineChange, kind: str, phases: Mapping[int | None, str], people: Mapping[int | None, str]) -> str:
    old, new = change.before, change.after
    if old is None or new is None:
        return str(KIND_WORDS[kind])
    if kind == "later" and change.shift:
        return ngettext("%(num)s working day later", "%(num)s working days later", change.shift)
    if kind == "earlier" and change.shift:
        return ngettext("%(num)s working day earlier", "%(num)s working days earlier", -change.shift)
    if kind == "owner":
        return _(
            "from %(old)s to %(new)s",
            old=people.get(old.owner_id) or _("nobody"),
            new=people.get(new.owner_id) or _("nobody"),
        )
    if kind == "phase":
        return _(
            "from the phase “%(old)s” to “%(new)s”",
            old=phases.get(old.phase_id) or _("none"),
            new=phases.get(new.phase_id) or _("none"),
        )
    if kind == "status":
        words = OUTCOME_WORDS if change.object_type == "gate" else STATUS_WORDS
        return _(
            "from “%(old)s” to “%(new)s”",
            old=words.get(old.status) or _("no decision"),
            new=words.get(new.status) or _("no decision"),
        )
    if kind == "renamed":
        return _("was called “%(old)s”", old=old.name)
    return str(KIND_WORDS[kind])
