"""What lists remember: views that people saved, and files on their way in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class SavedView(Editable, Base):
    """Filters and order of a list under a name: private, or shared with the program."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_program_id", "program_id", "person_id"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    # The list's address after the question mark.
    query: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False)
    # The view its owner sees when they open the checklist; one at most for a person in a program.
    is_first: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[CreatedAt]


class ImportUpload(Base):
    """A spreadsheet that was read but not yet taken over: its cells as text, until its importer confirms or leaves."""

    __tablename__ = "import_upload"
    __table_args__ = (Index("ix_import_upload_created_at", "created_at"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    # Words about the file as a whole, such as the separator that was found.
    notes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows: Mapped[list[list[Any]]] = mapped_column(JSON)
    created_at: Mapped[CreatedAt]
