"""The base of every remembered row: keys, UTC times, and the revision that makes two editors safe."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Dialect, Integer, types
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from program.ground.now import utc_now


class UtcDateTime(types.TypeDecorator[datetime]):
    """A moment, always aware and in UTC. A naive one is refused: nobody could say which moment it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone before it is stored.")
        value = value.astimezone(UTC)
        # SQLite has no zones: it keeps text, and text without an offset sorts as time.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = Annotated[int, mapped_column(Integer, primary_key=True)]
Moment = Annotated[datetime, mapped_column(UtcDateTime())]
CreatedAt = Annotated[datetime, mapped_column(UtcDateTime(), default=utc_now)]


class Editable:
    """A row that people edit: every write raises `revision`, and a write from an older revision is refused.

    SQLAlchemy puts the revision into each UPDATE's WHERE, so the rule holds even between two processes.
    """

    @declared_attr.directive
    def revision(cls) -> Mapped[int]:
        return mapped_column(Integer, nullable=False, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.revision}
