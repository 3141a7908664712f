"""The command /milepost: how programs stand, an idea, help. It understands English and Polish words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import ideas
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import Person, Standing

COMMAND = "/milepost"
STATUS = ("status", "stan", "jak", "programy")
IDEA = ("idea", "pomysł", "pomysl")
HELP = ("", "help", "pomoc", "?")


def command(told: Told) -> None:
    """Somebody typed the command; what stands behind the word 'idea' is its title."""
    word, _space, rest = str(told.body.get("text") or "").strip().partition(" ")
    word = word.casefold()
    if word in STATUS:
        _status(told)
    elif word in IDEA:
        ideas.ask(told, title=rest.strip())
    else:
        _help(told, known=word in HELP)


def _status(told: Told) -> None:
    waiting = _waiting(told.person)
    found = core.standings_of(told.person)
    if not found:
        told.say("\n".join([*waiting, _("You are in no program that runs.")]))
        return
    first = [b.section("\n".join(b.escaped(line) for line in waiting), "waiting")] if waiting else []
    told.say("\n\n".join([*waiting, *(_aloud(one) for one in found)]), [*first, *(_drawn(one) for one in found)])


def _waiting(person: Person) -> list[str]:
    """What waits for somebody, a line each; [] where nothing does."""
    pulses = sum(not one.is_complete for one in core.open_check_ins(person))
    missing = sum(kpi.missing for kpi in core.own_kpis(person) if not kpi.is_closed)
    votes = len(core.decisions_waiting_for(person))
    lines = []
    if votes:
        lines.append(ngettext("%(num)s decision waits for your vote.", "%(num)s decisions wait for your vote.", votes))
    if missing:
        lines.append(ngettext("%(num)s figure of yours is missing.", "%(num)s figures of yours are missing.", missing))
    if pulses:
        lines.append(ngettext("%(num)s pulse check is open.", "%(num)s pulse checks are open.", pulses))
    return [*lines, _("You find it on the Home tab of the app Milepost.")] if lines else []


def _aloud(one: Standing) -> str:
    return f"{one.program.name}: {one.state_name}. {one.text}"


def _drawn(one: Standing) -> b.Block:
    name = b.escaped(b.cut(one.program.name, 200))
    return b.section(f"*<{one.url}|{name}>*: {b.escaped(one.state_name)}\n{b.escaped(one.text)}")


def _help(told: Told, *, known: bool) -> None:
    lines = [] if known else [_("Milepost does not know that word. These work:")]
    lines += [
        _("%(command)s says what waits for you and how your programs stand", command="/milepost status"),
        _("%(command)s hands in an idea", command="/milepost idea"),
        _("%(command)s says this", command="/milepost help"),
        _("Pulse checks, figures, decisions and your tasks are on the Home tab of the app Milepost."),
    ]
    told.say("\n".join(lines))
