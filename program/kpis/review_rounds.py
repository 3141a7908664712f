"""What the clock does for weekly reviews: opens them, asks owners, reminds once, tells on, and says when one is ready.

What is due is read from rows; doing it twice is doing it once. A clock that was away over several meetings opens the
last one only. Neighbours: `review_plan.py` (when), `reviews.py` (what people do in one).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Origin, system
from program.ground.cadence import moment_of
from program.ground.now import today_in, utc_now, zone
from program.ground.pages import path_to
from program.kpis import review_plan, review_telling
from program.kpis.models import Every, Review, ReviewAsk, ReviewPlan, ReviewState
from program.kpis.review_facts import Facts, Owed, facts_now, owed_of, people_of
from program.kpis.written_periods import write_period
from program.outbox import messages
from program.outbox.models import Message, State
from program.people.models import Membership, Person
from program.planning.models import Program

# Before the meeting: silence is told on, and the facts go out.
TELLS_ON, READY = timedelta(hours=3), timedelta(hours=2)
# What was not told in a channel for longer is no news any more.
STUCK = timedelta(days=7)


def tick() -> int:
    """All that is due, in the order of a review's life. Returns how many things were done."""
    return open_due() + remind_due() + tell_on_due() + make_ready() + tell_of_unposted()


def open_due() -> int:
    """Open the reviews whose owners are to be asked by now. Returns how many."""
    now = utc_now()
    due = (
        select(ReviewPlan)
        .join(Program, Program.id == ReviewPlan.program_id)
        .where(ReviewPlan.is_active, ReviewPlan.next_at <= now, Program.closed_on.is_(None))
        .with_for_update(of=ReviewPlan, skip_locked=True)
    )
    opened = 0
    for plan in db.session.scalars(due).all():
        opened += _open_latest(plan, now)
        review_plan.schedule(plan)
    db.session.flush()
    return opened


def remind_due() -> int:
    """Remind owners whose figures are still missing, once, half-way to the meeting. Returns how many people."""
    now = utc_now()
    told = 0
    for review, asks in _collecting():
        if not _reminds_at(review) <= now < review.meets_at - TELLS_ON:
            continue
        silent = [ask for ask in asks if ask.reminded_at is None]
        facts = _facts(review) if silent else Facts()
        owed = {one.kpi_id: one for one in facts.owed}
        for person_id, mine in _by_person(silent).items():
            missing = [owed[ask.kpi_id] for ask in mine if ask.kpi_id in owed]
            for ask in mine:
                ask.reminded_at = now
            if missing:
                told += 1
                _ask(review, person_id, missing, facts, reminder=True)
    return told


def tell_on_due() -> int:
    """Tell the owner's deputy and the managers whose figures have not come in. Returns how many KPIs."""
    now = utc_now()
    told = 0
    for review, asks in _collecting():
        silent = [ask for ask in asks if ask.told_on_at is None]
        if not silent or now < review.meets_at - TELLS_ON:
            continue
        owed = {one.kpi_id: one for one in owed_of(review.program_id, review.week)}
        missing = [owed[ask.kpi_id] for ask in silent if ask.kpi_id in owed]
        for ask in silent:
            ask.told_on_at = now
        if missing and now < review.meets_at:
            told += len(missing)
            _tell_on(review, missing)
    return told


def make_ready() -> int:
    """Call reviews ready whose figures are all in, or whose meeting is near, and tell people. Returns how many."""
    now = utc_now()
    ready = 0
    for review, asks in _collecting():
        asked = {ask.kpi_id for ask in asks}
        if now < review.meets_at - READY and any(
            one.kpi_id in asked for one in owed_of(review.program_id, review.week)
        ):
            continue
        ready += 1
        facts = _facts(review)
        review.state = ReviewState.READY.value
        review.facts = facts.to_data()
        messages.withdraw(review_telling.about_asking(review.id))
        db.session.flush()
        _record("review.ready", review)
        _tell_ready(review, facts)
    return ready


def tell_of_unposted() -> int:
    """Tell managers of reviews that could not be told in their channel, once, and what to do. Returns how many."""
    stuck = or_(
        Message.state == State.FAILED,
        and_(Message.state == State.WAITING, Message.why == "settings"),
        and_(Message.state == State.UNCERTAIN, Message.why == "cannot_tell"),
    )
    kinds = (review_telling.READY.name, review_telling.CLOSED.name)
    rows = db.session.execute(
        select(
            *(Message.id, Message.program_id, Message.channel, Message.data, Message.why, Message.reason),
            *(Program.name, Program.key),
        )
        .join(Program, Program.id == Message.program_id)
        .where(Message.kind.in_(kinds), Message.channel != "", stuck, Message.created_at > utc_now() - STUCK)
    ).all()
    told = 0
    for row in rows:
        key = f"kpis.unposted:{row.id}"
        if db.session.scalar(select(Message.id).where(Message.key.startswith(f"{key}>")).limit(1)):
            continue
        told += 1
        week = date.fromisoformat(row.data["week"])
        messages.tell(
            _managers(row.program_id),
            review_telling.UNPOSTED,
            review_telling.unposted_data(row.name, week, row.channel, row.why, row.reason),
            path=path_to("kpi_review_settings.edit", key=row.key),
            key=key,
            program_id=row.program_id,
        )
    return told


def _open_latest(plan: ReviewPlan, now: datetime) -> int:
    latest = None
    # Owners are asked before they meet, so what was planned lies behind that moment.
    for occurrence, asks_at in review_plan.coming(plan, plan.next_at or now, now):
        if asks_at > now:
            break
        latest = occurrence
    if latest is None:
        return 0
    plan.last_on = latest.meant_for
    number = db.session.scalar(select(func.max(Review.number)).where(Review.program_id == plan.program_id)) or 0
    review = Review(
        program_id=plan.program_id,
        number=number + 1,
        meant_for=latest.meant_for,
        week=review_plan.week_of(latest.meant_for),
        meets_at=latest.at,
        state=ReviewState.COLLECTING.value,
        facts={},
        summary="",
    )
    db.session.add(review)
    db.session.flush()
    _record("review.opened", review)
    facts = _facts(review)
    asked = _members(person for one in facts.owed for person in (one.owner_id, one.deputy_id))
    mine: dict[int, list[Owed]] = defaultdict(list)
    for one in facts.owed:
        for person_id in (one.owner_id, one.deputy_id):
            if person_id is not None and person_id in asked[plan.program_id]:
                db.session.add(ReviewAsk(review_id=review.id, kpi_id=one.kpi_id, person_id=person_id))
                mine[person_id].append(one)
                break
    db.session.flush()
    if now < review.meets_at - TELLS_ON:
        for person_id, owed in mine.items():
            _ask(review, person_id, owed, facts)
    return 1


def _collecting() -> list[tuple[Review, list[ReviewAsk]]]:
    """The reviews whose figures are awaited, locked, with those who were asked."""
    rows = (
        select(Review)
        .join(Program, Program.id == Review.program_id)
        .where(Review.state == ReviewState.COLLECTING.value, Program.closed_on.is_(None))
        .order_by(Review.id)
        .with_for_update(of=Review, skip_locked=True)
    )
    reviews = list(db.session.scalars(rows))
    asks: dict[int, list[ReviewAsk]] = defaultdict(list)
    if reviews:
        wanted = select(ReviewAsk).where(ReviewAsk.review_id.in_([review.id for review in reviews]))
        for ask in db.session.scalars(wanted.order_by(ReviewAsk.kpi_id)):
            asks[ask.review_id].append(ask)
    return [(review, asks[review.id]) for review in reviews]


def _reminds_at(review: Review) -> datetime:
    """Half-way from the moment owners are asked to the one at which silence is told on."""
    plan = review_plan.find_plan(review.program_id)
    calendar, zone_name = review_plan.calendar_of(review.program_id)
    ends = review.meets_at - TELLS_ON
    back = plan.collect_days if plan else 1
    local = review.meets_at.astimezone(zone(zone_name)).date()
    day = max(review.week + timedelta(weeks=1), calendar.add(local, -back))
    begun = moment_of(day, review_plan.ASKS_AT, zone_name)
    return begun + max(ends - begun, timedelta()) / 2


def _facts(review: Review) -> Facts:
    zone_name = db.session.scalar(select(Program.timezone).where(Program.id == review.program_id)) or "UTC"
    return facts_now(review, today_in(zone_name))


def _by_person(asks: Iterable[ReviewAsk]) -> dict[int, list[ReviewAsk]]:
    found: dict[int, list[ReviewAsk]] = defaultdict(list)
    for ask in asks:
        found[ask.person_id].append(ask)
    return found


def _ask(review: Review, person_id: int, owed: list[Owed], facts: Facts, *, reminder: bool = False) -> None:
    program = db.session.get_one(Program, review.program_id)
    last = {one.kpi_id: one for one in facts.rows}
    first = next((one for one in owed if one.every == Every.WEEK), owed[0])
    messages.tell(
        [person_id],
        review_telling.REMINDED if reminder else review_telling.ASKED,
        review_telling.asked_data(program.name, review, owed, last),
        path=path_to(
            "kpi_grid.show", key=program.key, every=first.every, period=write_period(first.period, first.every)
        ),
        key=f"kpis.{'reminded' if reminder else 'asked'}:{review.id}",
        program_id=review.program_id,
        about=review_telling.about_asking(review.id),
        expires_at=review.meets_at,
    )


def _tell_on(review: Review, missing: list[Owed]) -> None:
    program = db.session.get_one(Program, review.program_id)
    # Managers hear of all that is missing, deputies of what is theirs; nobody of their own silence.
    told: dict[int, list[Owed]] = defaultdict(list)
    for person_id in _managers(review.program_id):
        told[person_id] = [one for one in missing if one.owner_id != person_id]
    for one in missing:
        if one.deputy_id is not None and one not in told[one.deputy_id]:
            told[one.deputy_id].append(one)
    for person_id, owed in sorted(told.items()):
        if owed:
            messages.tell(
                [person_id],
                review_telling.SILENT,
                review_telling.silent_data(program.name, review, owed),
                path=path_to("kpi_reviews.show", key=program.key, number=review.number),
                key=f"kpis.silent:{review.id}",
                program_id=review.program_id,
                expires_at=review.meets_at,
            )


def _tell_ready(review: Review, facts: Facts) -> None:
    program = db.session.get_one(Program, review.program_id)
    plan = review_plan.find_plan(review.program_id)
    path = path_to("kpi_reviews.show", key=program.key, number=review.number)
    data = review_telling.ready_data(program.name, review, facts)
    people = people_of(facts.rows) | ({plan.chair_id} if plan and plan.chair_id else set())
    key = f"kpis.review_ready:{review.id}"
    messages.tell(
        _members(people)[review.program_id],
        review_telling.READY,
        data,
        path=path,
        key=key,
        program_id=review.program_id,
    )
    if plan and plan.channel:
        transport, _colon, channel = plan.channel.partition(":")
        messages.tell_channel(
            transport, channel, review_telling.READY, data, key=key, path=path, program_id=review.program_id
        )


def _managers(program_id: int) -> list[int]:
    wanted = Membership.program_id == program_id, Membership.access == Access.MANAGER.value
    return list(db.session.scalars(select(Membership.person_id).where(*wanted)))


def _members(person_ids: Iterable[int | None]) -> dict[int, set[int]]:
    """Those of them who are there, by the programs they are in."""
    found: dict[int, set[int]] = defaultdict(set)
    ids = {person_id for person_id in person_ids if person_id is not None}
    if ids:
        rows = select(Membership.program_id, Membership.person_id).join(Person, Person.id == Membership.person_id)
        for program_id, person_id in db.session.execute(rows.where(Person.id.in_(ids), Person.is_active)):
            found[program_id].add(person_id)
    return found


def _record(verb: str, review: Review) -> None:
    audit.record(system(Origin.CLOCK), verb, object_id=review.id, name=str(review.number), program_id=review.program_id)
