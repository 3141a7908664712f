"""Proof that the change is worth it: quick wins, and stories of customers for whom it worked."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class ProofKind(StrEnum):
    """What a card tells of."""

    QUICK_WIN = "quick_win"
    STORY = "story"


class Proof(Editable, Base):
    """A short card with something to show for it: a figure, or a link to where it can be seen."""

    __tablename__ = "proof"
    __table_args__ = (Index("ix_proof_program_id", "program_id", "happened_on"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(600))
    # The figure that shows it, as people say it: '42 % fewer repeat calls'; '' when the link is the proof.
    figure: Mapped[str] = mapped_column(String(60), default="")
    url: Mapped[str] = mapped_column(String(2000), default="")
    url_label: Mapped[str] = mapped_column(String(200), default="")
    channel: Mapped[str] = mapped_column(String(10), default="")
    happened_on: Mapped[date]
    # Pinned cards stand first on the program's pages.
    is_pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
