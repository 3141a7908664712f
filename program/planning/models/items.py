"""Work items and what hangs on them: dependencies, tags, evidence, comments, mentions.

One kind of row serves checklist items, tasks, milestones, conditions of a gate, change tasks and actions, so that
lists, owners, dates, gates and plugins treat them alike.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime
from program.ground.now import utc_now


class Kind(StrEnum):
    """What sort of work an item is."""

    ITEM = "item"  # a point of the checklist
    TASK = "task"
    MILESTONE = "milestone"  # a dated event without work of its own
    CONDITION = "condition"  # what a conditional go asks for
    CHANGE = "change"
    ACTION = "action"


class Status(StrEnum):
    """Where an item stands. Blocked and dropped carry a reason."""

    TODO = "todo"
    DOING = "doing"
    BLOCKED = "blocked"
    DONE = "done"
    DROPPED = "dropped"


OPEN_STATUSES = (Status.TODO, Status.DOING, Status.BLOCKED)
FINISHED_STATUSES = (Status.DONE, Status.DROPPED)


class Priority(IntEnum):
    """How much it matters, to sort by: the larger the more urgent."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    URGENT = 4


class Channel(StrEnum):
    """A customer channel (HANDBOOK: web, app, chat, e-mail, phone, social media, shop)."""

    WEB = "web"
    APP = "app"
    CHAT = "chat"
    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"
    SHOP = "shop"


class WorkItem(Editable, Base):
    """Something that has to be done, or to have happened, by somebody, by a day."""

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        # The checklist's order; the lists of what is late and due; what one person owns.
        Index("ix_work_item_phase", "program_id", "phase_id", "position"),
        Index("ix_work_item_due", "program_id", "status", "due_on", "owner_id"),
        Index("ix_work_item_owner", "owner_id", "status", "due_on"),
        # The first items of a week, whatever their status. Partial, so that it is not taken for lists of what is open:
        # these would wade through all that was done long ago.
        Index(
            "ix_work_item_day",
            "program_id",
            "due_on",
            sqlite_where=text("status <> 'dropped'"),
            postgresql_where=text("status <> 'dropped'"),
        ),
        Index("ix_work_item_decision_id", "decision_id"),
        # The first items of each block, and how many it has.
        Index("ix_work_item_block", "program_id", "phase_id", "block_id", "position", "kind"),
        # Milestones are few and drawn together; an item's kind is asked for nowhere else alone.
        Index(
            "ix_work_item_milestone",
            "program_id",
            "due_on",
            sqlite_where=text("kind = 'milestone'"),
            postgresql_where=text("kind = 'milestone'"),
        ),
        # Progress and pace are counted from these two alone, without reading the rows.
        Index("ix_work_item_progress", "program_id", "phase_id", "status", "required", "due_on", "start_on"),
        Index(
            "ix_work_item_done",
            "program_id",
            "done_at",
            sqlite_where=text("done_at IS NOT NULL"),
            postgresql_where=text("done_at IS NOT NULL"),
        ),
        # The first open required and the first blocked items of a phase, in the checklist's order, for its gate.
        Index("ix_work_item_gate", "program_id", "phase_id", "required", "status", "position"),
        # Searching reads every title of a program: from here it need not fetch the rows.
        Index("ix_work_item_words", "program_id", "phase_id", "status", "required", "due_on", "title_folded"),
        # Reasons belong to the two statuses that need them, and no other.
        CheckConstraint("(status IN ('blocked', 'dropped')) = (status_reason <> '')", name="status_reason"),
        CheckConstraint("start_on IS NULL OR due_on IS NULL OR start_on <= due_on", name="date_order"),
        CheckConstraint("(status = 'done') = (done_at IS NOT NULL)", name="done_at"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # Unique in the program and never used again: people say KEY-12.
    number: Mapped[int]
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id", ondelete="SET NULL"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("phase_block.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(12), default=Kind.TASK)
    # The item's key in the playbook it came from; '' for one added by hand.
    key: Mapped[str] = mapped_column(String(60), default="")
    title: Mapped[str] = mapped_column(String(200))
    title_folded: Mapped[str] = mapped_column(String(400))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default=Status.TODO)
    status_reason: Mapped[str] = mapped_column(String(500), default="")
    required: Mapped[bool] = mapped_column(Boolean, default=False)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The role that usually owns it, by its key in the role catalogue; '' for none.
    role: Mapped[str] = mapped_column(String(40), default="")
    priority: Mapped[int] = mapped_column(default=Priority.NORMAL)
    channel: Mapped[str] = mapped_column(String(10), default="")
    start_on: Mapped[date | None]
    due_on: Mapped[date | None]
    # When work began and when it was finished, as it happened.
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # For a condition: the decision that asked for it.
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("gate_decision.id"))
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[Moment] = mapped_column(default=utc_now, onupdate=utc_now)


class Dependency(Base):
    """Finish to start: the successor can begin once the predecessor is done. Circles are refused by the verb.

    The columns behind the keys follow from the items at both ends. Triggers of the database keep them (see the
    migrations 2026_11_22_waits and _plan_rows), so nobody writes them here. Gates and weeks read along their indexes.
    """

    __tablename__ = "dependency"
    __table_args__ = (
        Index("ix_dependency_successor_id", "successor_id"),
        Index("ix_dependency_program_id", "program_id", "successor_id", "predecessor_id"),
        Index(
            "ix_dependency_waits",
            "program_id",
            "phase_id",
            "position",
            "successor_id",
            # Always true here; SQLite looks at them all the same, and need not fetch the row for it.
            "before_open",
            "after_open",
            # As SQLAlchemy writes it, else SQLite would not know that the index answers the question.
            sqlite_where=text("before_open = 1 AND after_open = 1"),
            postgresql_where=text("before_open AND after_open"),
        ),
        # The first of a week that wait for another week's.
        Index(
            "ix_dependency_due",
            *("program_id", "due_on", "successor_id", "predecessor_id", "before_due_on", "before_open", "after_open"),
            sqlite_where=text("before_open = 1 AND after_open = 1"),
            postgresql_where=text("before_open AND after_open"),
        ),
        CheckConstraint("predecessor_id <> successor_id", name="not_itself"),
    )

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # The predecessor is not finished, the successor is not: the one waits for the other while both hold.
    before_open: Mapped[bool] = mapped_column(Boolean, server_default=false())
    after_open: Mapped[bool] = mapped_column(Boolean, server_default=false())
    # Of the successor. No foreign key: a removed phase empties the item's, and the trigger follows.
    phase_id: Mapped[int | None] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(server_default="0")
    due_on: Mapped[date | None]
    before_due_on: Mapped[date | None]


class ItemTag(Base):
    """A word people sort items by, in lower case."""

    __tablename__ = "item_tag"
    __table_args__ = (Index("ix_item_tag_tag", "program_id", "tag"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))


class EvidenceLink(Base):
    """Where the proof of an item can be seen: a document, a dashboard, a recording."""

    __tablename__ = "evidence_link"
    __table_args__ = (Index("ix_evidence_link_item_id", "item_id"),)

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(2000))
    label: Mapped[str] = mapped_column(String(200))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[CreatedAt]


class Comment(Editable, Base):
    """What somebody said about an item, in Markdown."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_item_id", "item_id", "created_at"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # A removed comment stays as a stub that says who removed it and when; its text is gone for good.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Mention(Base):
    """A person named with @ in a comment; shown to them until they have seen it."""

    __tablename__ = "mention"
    __table_args__ = (Index("ix_mention_person_id", "person_id", "seen_at"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
