"""What the weekly review says to people: figures are asked for, reminded of once, told on; the review is ready.

All words are text: the index and what matters can be read without a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.kpis import periods
from program.kpis.models import Review
from program.kpis.review_facts import Fact, Facts, Owed, so_what
from program.kpis.words import STATE_WORDS, UNUSUAL_WORDS, aim_in_words, difference, figure
from program.outbox.kinds import MessageKind, Pace, Words, register

# So many KPIs are told in a message; the page has them all.
MOST_TOLD = 10


def about_asking(review_id: int) -> str:
    """What all messages that ask for a review's figures are about."""
    return f"kpis.review:{review_id}:asked"


def asked_data(program: str, review: Review, owed: Iterable[Owed], last: Mapping[int, Fact]) -> dict[str, Any]:
    """What an owner is asked for, with the last value of each KPI."""
    return {
        "program": program,
        "review": review.id,
        "meets_at": review.meets_at.isoformat(),
        "owed": [one.to_data() for one in owed],
        "last": [last[one.kpi_id].to_data() for one in owed if one.kpi_id in last],
    }


def silent_data(program: str, review: Review, owed: Iterable[Owed]) -> dict[str, Any]:
    """Whose figures have not come in."""
    return {
        "program": program,
        "review": review.id,
        "meets_at": review.meets_at.isoformat(),
        "owed": [one.to_data() for one in owed],
    }


def ready_data(program: str, review: Review, facts: Facts) -> dict[str, Any]:
    """What a review that is ready has to say."""
    return {
        "program": program,
        "review": review.id,
        "week": review.week.isoformat(),
        "meets_at": review.meets_at.isoformat(),
        "facts": facts.to_data(),
    }


def closed_data(program: str, review: Review) -> dict[str, Any]:
    """How a review that was closed ended."""
    return {
        "program": program,
        "review": review.id,
        "week": review.week.isoformat(),
        "summary": review.summary,
        "held": review.held_at is not None,
    }


def unposted_data(program: str, week: date, channel: str, why: str, reason: str) -> dict[str, Any]:
    """What could not be told in a channel, and what the way says about it."""
    return {"program": program, "week": week.isoformat(), "channel": channel, "why": why, "reason": reason}


def row_in_words(one: Fact) -> str:
    """A KPI in one line of plain text: its state, figure, change, what was asked for, and whether it is noise."""
    parts = [f"{one.label}: {STATE_WORDS[one.state]}"]
    if one.value is not None and one.period is not None:
        change = difference(one.change, one)
        parts.append(figure(one.value, one) + (f" ({change})" if change else ""))
        parts.append(periods.label_of(one, one.period))
    if one.aim is not None:
        parts.append(_("asked for: %(aim)s", aim=aim_in_words(one.aim, one)))
    if one.unusual is not None:
        parts.append(str(UNUSUAL_WORDS[one.unusual]))
    return ", ".join(parts)


def what_matters(facts: Facts) -> list[Fact]:
    """What the meeting should look at, what needs somebody first."""
    return [one for one in facts.rows if one.matters]


def _asked(data: Mapping[str, Any]) -> Words:
    subject = ngettext(
        "Enter your figure for the review: %(names)s",
        "Enter your figures for the review: %(names)s",
        len(data["owed"]),
        names=_names(data),
    )
    return Words(subject, _asking(data), _("Enter the figures"))


def _reminded(data: Mapping[str, Any]) -> Words:
    subject = ngettext(
        "The review waits for your figure: %(names)s",
        "The review waits for your figures: %(names)s",
        len(data["owed"]),
        names=_names(data),
    )
    return Words(subject, _asking(data), _("Enter the figures"))


def _silent(data: Mapping[str, Any]) -> Words:
    lines = [
        _(
            "%(kpi)s, %(period)s: %(owner)s",
            kpi=one.label,
            period=periods.label_of(one, one.period),
            owner=one.owner or _("nobody owns it"),
        )
        for one in map(Owed.from_data, data["owed"])
    ]
    subject = ngettext(
        "A KPI has no figure for the review of %(program)s",
        "%(num)s KPIs have no figures for the review of %(program)s",
        len(lines),
        program=data["program"],
    )
    lines.append(_meets(data))
    return Words(subject, "\n".join(lines), _("To the review"))


def _ready(data: Mapping[str, Any]) -> Words:
    facts = Facts.from_data(data["facts"])
    matter = what_matters(facts)
    lines = [so_what(facts), *(f"\N{BULLET} {row_in_words(one)}" for one in matter[:MOST_TOLD])]
    rest = len(matter) - MOST_TOLD
    if rest > 0:
        lines.append(ngettext("and %(num)s more KPI", "and %(num)s more KPIs", rest))
    lines.append(_meets(data))
    week = formats.week(date.fromisoformat(data["week"]))
    return Words(
        _("KPI review of %(program)s, %(week)s", program=data["program"], week=week),
        "\n".join(line for line in lines if line),
        _("To the review"),
    )


def _closed(data: Mapping[str, Any]) -> Words:
    week = formats.week(date.fromisoformat(data["week"]))
    text = data["summary"]
    if not text:
        text = _("It was closed without a summary.") if data["held"] else _("It was closed without being held.")
    subject = _("KPI review of %(program)s, %(week)s: closed", program=data["program"], week=week)
    return Words(subject, text, _("To the review"))


def _unposted(data: Mapping[str, Any]) -> Words:
    week = formats.week(date.fromisoformat(data["week"]))
    subject = _("The KPI review of %(program)s could not be told in its channel", program=data["program"])
    lines = [_("%(week)s, channel %(channel)s.", week=week, channel=data["channel"]), data["reason"]]
    if data["why"] == "settings":
        if not data["reason"]:
            lines.append(_("The plugin of this channel is switched off, or there is none of that name."))
        lines.append(_("As soon as this is put right it is sent by itself."))
    elif data["why"] == "cannot_tell":
        lines.append(_("Nobody can tell whether it arrived. Look into the channel."))
    else:
        lines.append(_("It is not tried again. Look at the channel in the settings of the review."))
    return Words(subject, "\n".join(line for line in lines if line), _("Settings of the review"))


def _names(data: Mapping[str, Any]) -> str:
    return ", ".join(one["code"] for one in data["owed"])


def _asking(data: Mapping[str, Any]) -> str:
    last = {one["kpi_id"]: Fact.from_data(one) for one in data["last"]}
    lines = []
    for one in map(Owed.from_data, data["owed"]):
        known = last.get(one.kpi_id)
        period = periods.label_of(one, one.period)
        if known is None or known.value is None or known.period is None:
            lines.append(_("%(kpi)s, %(period)s", kpi=one.label, period=period))
        else:
            lines.append(
                _(
                    "%(kpi)s, %(period)s; last: %(value)s (%(then)s)",
                    kpi=one.label,
                    period=period,
                    value=figure(known.value, known),
                    then=periods.label_of(known, known.period),
                )
            )
    return "\n".join([*lines, _meets(data)])


def _meets(data: Mapping[str, Any]) -> str:
    return _("The review is on %(when)s.", when=formats.moment(datetime.fromisoformat(data["meets_at"])))


ASKED = register(MessageKind("kpis.asked", _l("Figures for the KPI review"), Pace.PROMPT, _asked, "chart-line"))
REMINDED = register(
    MessageKind("kpis.reminded", _l("Reminder of figures for the KPI review"), Pace.PROMPT, _reminded, "chart-line")
)
SILENT = register(
    MessageKind("kpis.silent", _l("Figures missing for the KPI review"), Pace.DIRECT, _silent, "chart-line")
)
READY = register(MessageKind("kpis.review_ready", _l("KPI review ready"), Pace.DIRECT, _ready, "chart-line"))
CLOSED = register(MessageKind("kpis.review_closed", _l("KPI review closed"), Pace.DIRECT, _closed, "chart-line"))
UNPOSTED = register(
    MessageKind("kpis.unposted", _l("KPI review not told in its channel"), Pace.DIRECT, _unposted, "alert-triangle")
)
