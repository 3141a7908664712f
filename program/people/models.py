"""What is remembered of people: accounts, one-time links, access to programs, and recent tries to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime


class Person(Editable, Base):
    """One human being with an account. E-mail is kept in lower case and is the name they sign in by."""

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    # The name without case and accents, for searching and sorting on every database alike.
    name_folded: Mapped[str] = mapped_column(String(240), index=True)
    # Empty for people who sign in by link only.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5), default="en")
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Warsaw")
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    # Part of every session's cookie: a new one signs the person out everywhere.
    session_key: Mapped[str] = mapped_column(String(43))
    created_at: Mapped[CreatedAt]
    # When they first signed in; empty for people who were invited and have not come yet.
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class Membership(Editable, Base):
    """What one person may do in one program (1 viewer, 2 contributor, 3 manager). No row: nothing, not even knowing."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("program_id", "person_id"), Index("ix_membership_person_id", "person_id"))

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    access: Mapped[int]
    created_at: Mapped[CreatedAt]


class SignInLink(Base):
    """A one-time link: an invitation or a way in without a password. Only its hash is kept."""

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_person_id", "person_id"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # 'invite' asks for a name and a password; 'sign_in' just signs in.
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class SignInAttempt(Base):
    """A failed try to sign in, under a keyed hash of whom it named or where it came from. Old ones are swept away."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_subject_at", "subject", "at"),
        # For sweeping the old ones.
        Index("ix_sign_in_attempt_at", "at"),
    )

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[CreatedAt]
