"""Accounts: making one, changing what it says, setting its password, closing and reopening it.

Neighbours: `links.py` (one-time links), `sign_in.py`, `members.py` (access to programs), `directory.py` (reading many).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Actor
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now, zone_names
from program.ground.text import clean_line
from program.people import access, passwords
from program.people.models import Person, SignInLink
from program.people.session import LOCALES

MAX_NAME, MAX_EMAIL = 120, 254
THEMES = ("auto", "light", "dark")
# What people change about themselves. The e-mail is the name they sign in by, so an administrator changes it.
OWN = frozenset({"name", "locale", "theme", "timezone"})
CHANGED_MEANWHILE = _l("This account was changed while you had it open.")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*")


def create_person(actor: Actor, email: str, name: str, *, locale: str | None = None, is_admin: bool = False) -> Person:
    """Add somebody to the instance. Raises Invalid for an unusable or taken e-mail or name. For administrators."""
    access.require_admin(actor)
    return add_person(actor, email, name, locale=locale, is_admin=is_admin)


def add_person(actor: Actor, email: str, name: str, *, locale: str | None = None, is_admin: bool = False) -> Person:
    """As `create_person`, for a verb that has asked for permission itself (a manager's invitation)."""
    values = checked_person(email, name, locale or "")
    if find_by_email(values["email"]) is not None:
        raise Invalid(_l("Something is not right yet."), {"email": _l("Somebody has this e-mail already.")})
    person = Person(
        **values, name_folded=fold(values["name"]), is_admin=is_admin, session_key=secrets.token_urlsafe(32)
    )
    db.session.add(person)
    db.session.flush()
    audit.record(
        actor,
        "person.created",
        object_id=person.id,
        name=person.name,
        changes=audit.created({**values, "is_admin": is_admin}),
    )
    return person


def add_people(
    actor: Actor, people: Sequence[tuple[str, str, str]], *, program_id: int | None = None, batch: str | None = None
) -> dict[str, int]:
    """Accounts for many, from (e-mail, name, language or ''), for a verb that has asked for permission and has looked
    that nobody has these e-mails. Gives ids by e-mail. Raises Invalid for the first that cannot be.
    """
    ready = [checked_person(email, name, locale) for email, name, locale in people]
    if not ready:
        return {}
    rows = [
        {
            **values,
            "name_folded": fold(values["name"]),
            "session_key": secrets.token_urlsafe(32),
            "created_at": utc_now(),
            "theme": THEMES[0],
            "is_admin": False,
            "is_active": True,
            "revision": 1,
        }
        for values in ready
    ]
    db.session.execute(insert(Person), rows)
    ids: dict[str, int] = {}
    emails = [values["email"] for values in ready]
    for start in range(0, len(emails), 500):
        found = select(Person.email, Person.id).where(Person.email.in_(emails[start : start + 500]))
        ids.update((row.email, row.id) for row in db.session.execute(found))
    entries = [(ids[values["email"]], values["name"], audit.created(values)) for values in ready]
    audit.record_many(actor, "person.created", program_id, entries, batch)
    return ids


def checked_person(email: str, name: str, locale: str = "") -> dict[str, Any]:
    """What an account begins with, tidied. Raises Invalid with every field that is wrong."""
    settings = current_app.config["MILEPOST"]
    return _checked({"email": email, "name": name, "locale": locale or settings.locale, "timezone": settings.timezone})


def find_by_email(email: str) -> Person | None:
    """The account with that e-mail, however it is written."""
    return db.session.scalars(select(Person).where(Person.email == clean_email(email))).one_or_none()


def get_person(actor: Actor, person_id: int) -> Person:
    """The account, for its owner and for administrators. Raises NotFound."""
    if actor.person_id != person_id:
        access.require_admin(actor)
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(access.NOT_HERE)
    return person


def change_person(actor: Actor, person_id: int, values: Mapping[str, Any], *, seen: int | None = None) -> Person:
    """Change an account: OWN columns by its owner, the name and the e-mail by an administrator.

    `seen` is the revision the editor began from; None where nothing could be overwritten unseen (a switch in the
    frame). Raises Invalid naming the field, Conflict when the account moved on since.
    """
    person = get_person(actor, person_id)
    allowed = (OWN if actor.person_id == person_id else frozenset()) | (
        {"name", "email"} if actor.is_admin else frozenset()
    )
    if set(values) - allowed:
        raise Forbidden(_l("Only an administrator can change this."))
    if seen is not None:
        audit.check_revision(person, seen, CHANGED_MEANWHILE, "person")
    values = _checked(dict(values))
    taken = find_by_email(values["email"]) if "email" in values else None
    if taken is not None and taken.id != person.id:
        raise Invalid(_l("Something is not right yet."), {"email": _l("Somebody has this e-mail already.")})
    changes = audit.change(person, values)
    if changes:
        person.name_folded = fold(person.name)
        db.session.flush()
        audit.record(actor, "person.changed", object_id=person.id, name=person.name, changes=changes)
    return person


def set_password(actor: Actor, person_id: int, password: str) -> Person:
    """Give an account a password and sign it out everywhere. Raises Invalid when it would be guessed."""
    person = get_person(actor, person_id)
    passwords.check(password, email=person.email, name=person.name)
    person.password_hash = passwords.make_hash(password)
    sign_out_everywhere(actor, person)
    audit.record(actor, "person.password_set", object_id=person.id, name=person.name)
    return person


def change_own_password(actor: Actor, present: str, password: str) -> Person:
    """Change one's password, proving the present one where there is one. Raises Invalid naming the field."""
    person = get_person(actor, actor.person_id or 0)
    if person.password_hash is not None and not passwords.matches(present, person.password_hash)[0]:
        raise Invalid(_l("Something is not right yet."), {"password": _l("This is not the password you have now.")})
    return set_password(actor, person.id, password)


def sign_out_everywhere(actor: Actor, person: Person) -> None:
    """End every session of the account and take back its unused links."""
    if actor.person_id != person.id:
        access.require_admin(actor)
    person.session_key = secrets.token_urlsafe(32)
    take_back_links(person.id)
    db.session.flush()


def take_back_links(*person_ids: int) -> None:
    """Make the accounts' unused links worthless, because what they would open has changed.

    The rows of the people are held until the end, so that a link made at this moment is either seen here or refused
    there.
    """
    db.session.execute(select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update())
    db.session.execute(
        delete(SignInLink).where(SignInLink.person_id.in_(person_ids), SignInLink.used_at.is_(None)),
        execution_options={"synchronize_session": False},
    )


def set_active(actor: Actor, person_id: int, is_active: bool, *, seen: int | None = None) -> Person:
    """Close an account or open it again. A closed one keeps its name on everything it did. For administrators."""
    person = _for_administrator(actor, person_id, seen)
    if not is_active:
        _keep_an_administrator(person)
    changes = audit.change(person, {"is_active": is_active})
    if changes:
        sign_out_everywhere(actor, person)
        verb = "person.reactivated" if is_active else "person.deactivated"
        audit.record(actor, verb, object_id=person.id, name=person.name, changes=changes)
    return person


def set_admin(actor: Actor, person_id: int, is_admin: bool, *, seen: int | None = None) -> Person:
    """Make somebody an administrator of the instance, or no longer. For administrators."""
    person = _for_administrator(actor, person_id, seen)
    if not is_admin:
        _keep_an_administrator(person)
    elif not person.is_active:
        raise Invalid(_l("Open the account first."))
    changes = audit.change(person, {"is_admin": is_admin})
    if changes:
        # A link that a manager holds must not become a way into an administrator's account.
        take_back_links(person.id)
        db.session.flush()
        audit.record(
            actor,
            "person.made_admin" if is_admin else "person.no_longer_admin",
            object_id=person.id,
            name=person.name,
            changes=changes,
        )
    return person


def clean_email(email: str) -> str:
    """An e-mail as it is kept: lower case, without compatibility forms of letters."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def _for_administrator(actor: Actor, person_id: int, seen: int | None) -> Person:
    access.require_admin(actor)
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(access.NOT_HERE)
    if seen is not None:
        audit.check_revision(person, seen, CHANGED_MEANWHILE, "person")
    return person


def _keep_an_administrator(person: Person) -> None:
    """Refuse to lose the last administrator. The rows are locked, so that two cannot leave at the same moment."""
    left = db.session.scalars(
        select(Person.id).where(Person.is_admin, Person.is_active).order_by(Person.id).with_for_update()
    ).all()
    if list(left) == [person.id]:
        raise Invalid(_l("This is the last administrator. Make somebody else one first."))


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values, tidied. Raises Invalid with every field that is wrong."""
    wrong: dict[str, Any] = {}
    if "email" in values:
        values["email"] = clean_email(values["email"])
        if len(values["email"]) > MAX_EMAIL or not _EMAIL.fullmatch(values["email"]):
            wrong["email"] = _l("Write an e-mail address, like maria@firma.example.")
    if "name" in values:
        values["name"] = clean_line(values["name"])
        if not values["name"]:
            wrong["name"] = _l("Write a full name.")
        elif len(values["name"]) > MAX_NAME:
            wrong["name"] = _l("Up to %(most)s letters.", most=MAX_NAME)
    for name, known in (("locale", LOCALES), ("theme", THEMES)):
        if name in values and values[name] not in known:
            wrong[name] = _l("Choose one from the list.")
    if "timezone" in values and values["timezone"] not in zone_names():
        wrong["timezone"] = _l("Choose one from the list.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values
