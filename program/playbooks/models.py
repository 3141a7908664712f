"""What is remembered of playbooks: those that people uploaded or saved from a program. Built-in ones are files."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class StoredPlaybook(Editable, Base):
    """A playbook as the YAML text that was accepted; it is parsed again whenever it is used."""

    __tablename__ = "playbook"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
