"""What people are told of status reports: managers that one is drafted, the committee the report itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.outbox import messages
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.people.models import Membership
from program.planning.models import Program
from program.steering.models import StatusReport
from program.steering.progress_words import STATE_WORDS
from program.steering.report_words import text_of

# What a message holds of a report; the page has all of it.
MOST = 2_700


def _drafted(data: Mapping[str, Any]) -> Words:
    week = formats.week(date.fromisoformat(data["week"]))
    subject = _("The status report of %(program)s is drafted, %(week)s", program=data["program"], week=week)
    return Words(subject, _("Read it, put it into your words, and send it."), _("To the draft"))


def _sent(data: Mapping[str, Any]) -> Words:
    week = formats.week(date.fromisoformat(data["week"]))
    texts = data["texts"]
    subject = _("Status of %(program)s, %(week)s", program=data["program"], week=week)
    text = texts.get(formats.current_locale()) or next(iter(texts.values()))
    state = STATE_WORDS.get(data.get("state", ""))
    return Words(subject, f"{state}. {text}" if state else text, _("Read the report"))


DRAFTED = register(MessageKind("steering.report_drafted", _l("Status report drafted"), Pace.DIRECT, _drafted, "flag-3"))
REPORT = register(MessageKind("steering.status_report", _l("Status report"), Pace.DIRECT, _sent, "flag-3"))


def tell_drafted(program: Program, report: StatusReport) -> None:
    """Tell managers that a report waits for their words."""
    managers = select(Membership.person_id).where(
        Membership.program_id == program.id, Membership.access == Access.MANAGER.value
    )
    messages.tell(
        set(db.session.scalars(managers)),
        DRAFTED,
        {"program": program.name, "week": report.week.isoformat()},
        key=f"steering.report_drafted:{report.id}",
        path=_path(program, report),
        program_id=program.id,
        about=_about(report),
    )


def tell_sent(program: Program, report: StatusReport, people: Collection[int]) -> None:
    """Send the report, once, in each reader's language; nobody needs to look at the draft any more."""
    messages.withdraw(_about(report))
    messages.tell(
        people,
        REPORT,
        {
            "program": program.name,
            "report": report.id,
            "state": str(report.facts.get("state", "")),
            "week": report.week.isoformat(),
            "texts": {locale: _clipped(text_of(text)) for locale, text in report.texts.items()},
        },
        key=f"steering.status_report:{report.id}",
        path=_path(program, report),
        program_id=program.id,
    )


def _clipped(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST].rsplit(chr(10), 1)[0]}\n…"


def _path(program: Program, report: StatusReport) -> str:
    return f"/p/{program.key}/reports/{report.week.isoformat()}"


def _about(report: StatusReport) -> str:
    return f"status_report:{report.id}:drafted"
