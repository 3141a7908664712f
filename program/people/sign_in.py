"""Signing in, by e-mail and password or by a one-time link.

The answer to a wrong try is one sentence, and takes the same work, whether the e-mail is unknown, the account is closed
or has no password, or the password is wrong: nobody learns who has an account here.
"""

from __future__ import annotations

import logging

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.errors import Invalid
from program.ground.now import utc_now
from program.ground.requests import keep_changes
from program.people import links, passwords, throttle
from program.people.accounts import clean_email
from program.people.models import Person
from program.people.session import actor_for

_log = logging.getLogger("milepost.people")
REFUSED = _l("This e-mail and password do not match.")


def by_password(email: str, password: str, *, address: str, device: str = "") -> int:
    """Check an e-mail and a password and return whose they are.

    `address` is the network address the try comes from, `device` what `throttle.device_token` once gave that browser.
    Raises Invalid, always with the same sentence, and TooMany with the seconds to wait.
    """
    email = clean_email(email)
    counted = throttle.count_try(email, address, device)
    row = db.session.execute(
        select(Person.id, Person.password_hash, Person.is_active).where(Person.email == email)
    ).first()
    # The try stands as failed before the password is looked at, and no lock is held while that takes its time.
    keep_changes()
    kept = row.password_hash if row and row.is_active else None
    right, newer = passwords.matches(password, kept)
    if not right or row is None:
        _log.info("sign-in refused", extra={"fields": {"request_id": g.get("request_id")}})
        raise Invalid(REFUSED)
    throttle.forgive(counted)
    if newer:
        person = db.session.get_one(Person, row.id)
        # Unless it was changed in this very moment: then this password is no longer the one.
        if person.password_hash != kept:
            raise Invalid(REFUSED)
        person.password_hash = newer
    _arrive(row.id)
    return int(row.id)


def by_link(token: str) -> int | None:
    """Use up a one-time link and return whose it is; None when it cannot be used."""
    person_id = links.use_link(token)
    if person_id is not None:
        person = _arrive(person_id)
        # Of those who sign in by a link somebody made, the trail shows when it happened.
        audit.record(actor_for(person_id), "person.link_used", object_id=person.id, name=person.name)
    return person_id


def _arrive(person_id: int) -> Person:
    person = db.session.get_one(Person, person_id)
    if person.joined_at is None:
        person.joined_at = utc_now()
        db.session.flush()
    return person
