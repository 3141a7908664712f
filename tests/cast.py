"""The small cast of the tests: Maria manages, Tomek is on the team, Wanda reads, Obcy must see nothing, Ada is
admin."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.folding import fold
from program.people.models import Membership, Person
from program.planning.models import Program


@dataclass(frozen=True)
class Member:
    """One of the cast, as tests need them after the session is gone."""

    id: int
    name: str
    email: str
    session_key: str
    actor: Actor


@dataclass(frozen=True)
class Cast:
    """Program ALFA (Polish holidays, Warsaw time, English) and its people."""

    program_id: int
    key: str
    manager: Member
    contributor: Member
    viewer: Member
    stranger: Member
    admin: Member


def new_person(name: str, email: str, *, is_admin: bool = False, locale: str = "en") -> Person:
    """A person without a password, not yet written."""
    return Person(
        email=email,
        name=name,
        name_folded=fold(name),
        locale=locale,
        theme="auto",
        timezone="Europe/Warsaw",
        is_admin=is_admin,
        session_key=secrets.token_urlsafe(16),
    )


def make_person(name: str, email: str, *, is_admin: bool = False, locale: str = "en") -> Person:
    """Add a person without a password."""
    person = new_person(name, email, is_admin=is_admin, locale=locale)
    db.session.add(person)
    db.session.flush()
    return person


def make_program(key: str, name: str, starts_on: date = date(2026, 3, 2)) -> Program:
    """Add an empty program."""
    program = Program(
        key=key,
        name=name,
        name_folded=fold(name),
        locale="en",
        timezone="Europe/Warsaw",
        country="PL",
        starts_on=starts_on,
    )
    db.session.add(program)
    db.session.flush()
    return program


def as_member(person: Person) -> Member:
    """What tests keep of a person."""
    actor = Actor(person_id=person.id, is_admin=person.is_admin)
    return Member(person.id, person.name, person.email, person.session_key, actor)


def invite_cast() -> Cast:
    """Write the cast into the running transaction."""
    alfa = make_program("ALFA", "Alfa Bank omnichannel")
    people = {
        "manager": new_person("Maria Zielińska", "maria@alfa.example"),
        "contributor": new_person("Tomek Wójcik", "tomek@alfa.example"),
        "viewer": new_person("Wanda Łoś", "wanda@alfa.example"),
        "stranger": new_person("Obcy Człowiek", "obcy@elsewhere.example"),
        "admin": new_person("Ada Admin", "ada@alfa.example", is_admin=True),
    }
    db.session.add_all(people.values())
    db.session.flush()
    for name, access in (
        ("manager", Access.MANAGER),
        ("contributor", Access.CONTRIBUTOR),
        ("viewer", Access.VIEWER),
    ):
        db.session.add(Membership(program_id=alfa.id, person_id=people[name].id, access=access.value))
    db.session.flush()
    return Cast(alfa.id, alfa.key, **{name: as_member(person) for name, person in people.items()})
