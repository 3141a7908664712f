"""What people of a story do around the weekly review, and what the clock does for it; files and systems with figures.

The clock comes by when the story says so: it opens the review, asks owners, reminds them and says when the figures are
there, exactly as it does by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from program.cli.demo.stage import Stage
from program.extensions import db
from program.ground.actor import Actor
from program.kpis import import_columns, imports, review_plan, review_rounds, reviews, sources
from program.kpis.models import Kpi, Review
from program.kpis.written_periods import write_period

Act = Callable[[Stage, Actor, Any], None]


def _review_plan(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """Set the review up: `weekday` (0 for Monday), and who leads it (`chair`)."""
    draft = review_plan.PlanDraft(weekday=told["weekday"], chair_id=stage.people[told["chair"]])
    review_plan.save_plan(actor, stage.program_id, draft, seen=None)


def _review_due(_stage: Stage, _actor: Actor, _told: Any) -> None:
    """The clock comes by."""
    review_rounds.tick()


def _review_held(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """The meeting: who is how `sure` of which KPI, 1 to 5."""
    review = _newest(stage)
    reviews.hold(actor, review, seen=_seen(review))
    levels = {_kpi(stage, code): level for code, level in told["sure"].items()}
    shown: dict[int, int | None] = dict.fromkeys(levels)
    reviews.set_confidence(actor, review, levels, shown)


def _review_said(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A `note`, `cause` or `decision` (with its text), about a `kpi` or the week."""
    (kind,) = told.keys() - {"kpi"}
    reviews.add_note(actor, _newest(stage), kind, stage.text(told[kind]), _kpi_id(stage, told.get("kpi")))


def _review_agreed(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """An action: `what`, `owner`, `due`, the `kpi` it is about; the story calls it by its `key`."""
    draft = reviews.ActionDraft(
        *(stage.text(told["what"]), stage.people[told["owner"]], stage.almanac.due(told["due"])),
        _kpi_id(stage, told.get("kpi")),
    )
    stage.items[told["key"]] = reviews.add_action(actor, _newest(stage), draft)


def _review_closed(stage: Stage, actor: Actor, told: Any) -> None:
    """The review is closed, with what to remember of it."""
    review = _newest(stage)
    reviews.close(actor, review, stage.text(told), seen=_seen(review))


def _kpi_source(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A system that sends the figures of some `kpis` gets an address and a secret."""
    sources.add_source(actor, stage.program_id, stage.text(told["name"]), told["kpis"])


def _kpi_file(stage: Stage, actor: Actor, told: Mapping[str, Any]) -> None:
    """A file of figures: its `name`, `rows` of [kpi, channel, week, figure], and whether it is `sent` off."""
    weeks = [write_period(stage.almanac.day(f"{row[2]} mon"), "week") for row in told["rows"]]
    rows = [f"{row[0]};{row[1]};{week};{row[3]}" for row, week in zip(told["rows"], weeks, strict=True)]
    data = "\n".join(("KPI;Channel;Period;Value", *rows, "")).encode()
    kept = imports.keep_file(actor, stage.program_id, imports.read_file(told["name"], data))
    if told.get("sent"):
        layout = imports.layout_of(kept).to_data()
        imports.lay_out(kept, import_columns.Layout(**layout), "")
        imports.send_off(actor, kept)


def _newest(stage: Stage) -> Review:
    query = select(Review).where(Review.program_id == stage.program_id).order_by(Review.number.desc()).limit(1)
    return db.session.scalars(query).one()


def _seen(review: Any) -> int:
    return int(review.revision)


def _kpi_id(stage: Stage, code: str | None) -> int | None:
    return None if code is None else _kpi(stage, code)


def _kpi(stage: Stage, code: str) -> int:
    return db.session.scalars(select(Kpi.id).where(Kpi.program_id == stage.program_id, Kpi.code == code)).one()


ACTS: Mapping[str, Act] = {
    "review_plan": _review_plan,
    "review_due": _review_due,
    "review_held": _review_held,
    "review_said": _review_said,
    "review_agreed": _review_agreed,
    "review_closed": _review_closed,
    "kpi_source": _kpi_source,
    "kpi_file": _kpi_file,
}
