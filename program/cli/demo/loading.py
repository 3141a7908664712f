"""Loading the demo: its people come to Milepost, then its programs are played one after the other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from program.cli.demo.almanac import Almanac, first_monday
from program.cli.demo.player import play
from program.cli.demo.removal import belongings
from program.cli.demo.stage import COUNTRY, TIMEZONE, moment_of
from program.cli.demo.story import cast, stories
from program.extensions import db
from program.ground.actor import Origin, system
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Conflict
from program.ground.now import today_in, utc_now
from program.people import accounts, links, sign_in
from program.people.models import Person
from program.planning.models import Program

ARRIVAL = "1 mon 07:00"


def load(locale: str) -> list[str]:
    """Load the demo in that language and return the names of its programs. The caller commits.

    Raises Conflict when the demo is there already, or something real stands where it would go.
    """
    _check_free()
    now, today = utc_now(), today_in(TIMEZONE)
    people = _people(locale, now)
    return [play(story, people, locale, now, today).name for story in stories()]


def manager() -> Person | None:
    """The person whom the demo's sign-in link is for; None without a demo."""
    found = belongings()
    return accounts.find_by_email(cast()[0].email) if found.programs else None


def _check_free() -> None:
    found = belongings()
    if found.programs or found.people:
        raise Conflict("The demo is here already. To make it anew: milepost demo --reset")
    keys = [story.key for story in stories()]
    taken = db.session.scalars(select(Program.key).where(Program.key.in_(keys)).order_by(Program.key)).all()
    if taken:
        raise Conflict(f"Programs with these keys are here and not the demo's: {', '.join(taken)}. Nothing was loaded.")


def _people(locale: str, now: datetime) -> dict[str, int]:
    """Everybody of the cast, invited and come in by their link, each in their week."""
    ids = {}
    for one in cast():
        almanac = Almanac(first_monday(today_in(TIMEZONE), int(one.came)), WorkingCalendar(COUNTRY), TIMEZONE)
        with moment_of(min(almanac.moment(ARRIVAL), now), locale):
            keeper = system(Origin.CLI)
            person = accounts.create_person(keeper, one.email, one.name, locale=one.locale or locale)
            sign_in.by_link(links.make_link(keeper, person.id).token)
            ids[one.id] = person.id
    return ids
