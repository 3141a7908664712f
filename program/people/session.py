"""Who is signed in. A session's cookie names the person and their session key; a new key ends every session."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, g, request, session
from flask_babel import refresh
from flask_login import UserMixin, current_user, login_user, logout_user
from sqlalchemy import Integer, bindparam, select

from program.extensions import babel, db, login
from program.ground.actor import Actor, Origin
from program.ground.errors import NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.people.access import NOT_HERE
from program.people.models import Person

LOCALES = ("en", "pl")
LOCALE_COOKIE = "locale"


@record
class SignedIn(UserMixin):
    """The signed-in person, as pages need them: a few columns, not a row to edit."""

    id: int
    name: str
    email: str
    locale: str
    theme: str
    timezone: str
    is_admin: bool
    session_key: str
    # Messages they have not read, counted up to 100.
    unread: int = 0

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        return initials(self.name)

    def get_id(self) -> str:
        """What the session's cookie keeps."""
        return f"{self.id}.{self.session_key}"


_PERSON = Person.__table__.c
_unread: list[Callable[[], Any]] = []


def count_unread_by(figure: Callable[[], Any]) -> None:
    """Let the room of messages, which lies above, have its figure read with the reader: every page shows it.

    `figure` gives a scalar subquery about the person `:person_id` at the moment `:now`.
    """
    _unread[:] = [figure]


@cache
def _who() -> Any:
    # Built once: it runs with every request.
    return select(
        *(_PERSON.id, _PERSON.name, _PERSON.email, _PERSON.locale, _PERSON.theme, _PERSON.timezone),
        *(_PERSON.is_admin, _PERSON.session_key, *(figure() for figure in _unread)),
    ).where(_PERSON.id == bindparam("person_id", type_=Integer), _PERSON.is_active)


def initials(name: str) -> str:
    """The first letters of a name's first and last word."""
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def signed_in(person_id: int) -> SignedIn | None:
    """The active person with that id, as a session sees them."""
    row = db.session.execute(_who(), {"person_id": person_id, "now": utc_now()}).first()
    return SignedIn(*row) if row else None


def current_actor() -> Actor:
    """The signed-in person as the one who acts, the same object for the whole request."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        actor = g.actor = Actor(person_id=current_user.id, origin=Origin.WEB, is_admin=current_user.is_admin)
    return actor


def start(person_id: int) -> SignedIn:
    """Sign the person in on this browser. Whatever the session held before is gone, so that nobody can plant one."""
    person = signed_in(person_id)
    if person is None:
        raise NotFound(NOT_HERE)
    session.clear()
    session.permanent = True
    login_user(person)
    g.pop("actor", None)
    g.locale, g.timezone = person.locale, person.timezone
    refresh()
    return person


def end() -> None:
    """Sign out on this browser."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def actor_for(person_id: int) -> Actor:
    """Somebody who acts for themselves before they are signed in: by the link they hold."""
    return Actor(person_id=person_id, origin=Origin.WEB)


@login.user_loader
def _load(cookie: str) -> SignedIn | None:
    raw_id, _, session_key = cookie.partition(".")
    # Cookies are signed; the bounds are for a key that got out, and for databases that know no larger numbers.
    person = signed_in(int(raw_id)) if re.fullmatch("[0-9]{1,9}", raw_id) else None
    return person if person and person.session_key == session_key else None


def _choose_locale() -> str:
    return str(g.get("locale", "en"))


def init_app(app: Flask) -> None:
    """Know the reader of every request: person, language, time zone."""
    login.init_app(app)
    babel.init_app(app, locale_selector=_choose_locale, timezone_selector=lambda: str(g.get("timezone", "UTC")))

    @app.before_request
    def know_reader() -> None:
        # Files and the machines that ask for the app's health are the same for every reader.
        if request.endpoint == "static" or request.blueprint == "health":
            return
        if current_user.is_authenticated:
            g.locale, g.timezone = current_user.locale, current_user.timezone
        else:
            preferred = request.cookies.get(LOCALE_COOKIE) or request.accept_languages.best_match(LOCALES)
            g.locale = preferred if preferred in LOCALES else app.config["MILEPOST"].locale
            g.timezone = app.config["MILEPOST"].timezone
