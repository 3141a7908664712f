"""With which month a program's company begins its year: by that its quarters are numbered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import Editable


class FiscalYear(Editable, Base):
    """The first month of the year of a program's company. No row: January."""

    __tablename__ = "kpi_fiscal_year"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    # 1, 4, 7 or 10 (`periods.QUARTERS_BEGIN`).
    begins: Mapped[int]


def fiscal_from(program_id: Any) -> Any:
    """That month of the program, as a column called `fiscal_from` of a statement in which `program_id` stands."""
    begins = select(FiscalYear.begins).where(FiscalYear.program_id == program_id).scalar_subquery()
    return func.coalesce(begins, 1).label("fiscal_from")
