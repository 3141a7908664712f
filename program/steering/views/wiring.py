"""Wiring the steering room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.pages import RailEntry, add_to_rail
from program.ground.ticks import Tick
from program.steering import (
    decision_reminders,
    gate_risks,
    handing_over,
    insets,
    kept_progress,
    meeting_entries,
    meeting_rounds,
    portable,
    reports,
    snapshots,
)
from program.steering.views import (
    budget,
    budget_imports,
    committee,
    decisions,
    meetings,
    minutes,
    progress,
    risks,
    share_links,
    since,
    sponsor,
    status_reports,
)

_PROGRESS = ("progress", "since", "budget", "budget_imports", "needs", "share_links", "exports", "slide_templates")
_MATTERS = ("risks", "decisions", "committee", "committee_meetings", "committee_minutes", "status_reports")


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    portable.init_app()
    kept_progress.init_app(app)
    gate_risks.init_app()
    handing_over.init_app()
    insets.init_app()
    meeting_entries.init_app()
    app.register_blueprint(committee.blueprint)
    app.register_blueprint(decisions.blueprint)
    app.register_blueprint(meetings.blueprint)
    app.register_blueprint(minutes.blueprint)
    app.register_blueprint(status_reports.blueprint)
    app.register_blueprint(progress.blueprint)
    app.register_blueprint(since.blueprint)
    app.register_blueprint(budget.blueprint)
    app.register_blueprint(budget_imports.blueprint)
    app.register_blueprint(sponsor.blueprint)
    app.register_blueprint(sponsor.needs_pages)
    app.register_blueprint(share_links.blueprint)
    app.register_blueprint(share_links.shared_pages)
    app.register_blueprint(risks.blueprint)
    ticks.add(
        app,
        Tick("steering.snapshots", _l("Keep each day of the progress page"), timedelta(minutes=5), snapshots.take_due),
        Tick("steering.reports", _l("Drafts of status reports"), timedelta(minutes=5), reports.draft_due),
        Tick("steering.meetings", _l("Agendas and meetings of committees"), timedelta(minutes=5), meeting_rounds.tick),
        Tick(
            *("steering.reminders", _l("Reminders of decisions"), timedelta(minutes=5), decision_reminders.remind_due),
        ),
    )
    add_to_rail(
        app,
        RailEntry(115, "progress.show", _l("Steering"), "flag-3", "s", in_program=True, section=_PROGRESS),
        RailEntry(180, "risks.index", _l("Risks & decisions"), "gavel", "i", in_program=True, section=_MATTERS),
    )
