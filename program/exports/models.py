"""What is remembered of exports: the files of the last days, and the company's own template for slides."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class ExportState(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class ExportFile(Base):
    """A file of what the committee saw on one day. Its content goes after some days, see `keeping.py`."""

    __tablename__ = "export_file"
    __table_args__ = (
        Index("ix_export_file_program_id", "program_id", "id"),
        Index("ix_export_file_state", "state", "id"),
        Index("ix_export_file_asked_by_id", "asked_by_id", "asked_at"),
        Index("ix_export_file_asked_at", "asked_at"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # 'pdf', 'pptx' or 'xlsx'.
    kind: Mapped[str] = mapped_column(String(8))
    locale: Mapped[str] = mapped_column(String(5))
    # The day it shows; `is_past` where that is a day that was kept.
    day: Mapped[date]
    is_past: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=ExportState.WAITING)
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    size: Mapped[int] = mapped_column(default=0)
    # How often a clock began to make it.
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[CreatedAt]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The last sign of the clock that makes it, and when it was ready or given up.
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class SlideTemplate(Editable, Base):
    """The company's own template for slides: one a program."""

    __tablename__ = "slide_template"

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), unique=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    size: Mapped[int]
    # The names of its layouts in their order, and which of them titles and pages use.
    layouts: Mapped[list[Any]] = mapped_column(JSON)
    title_layout: Mapped[int]
    page_layout: Mapped[int]
    uploaded_at: Mapped[CreatedAt]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
