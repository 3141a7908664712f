"""What a playbook is made of: phases in working weeks, their checklists, and the gate that closes each.

Everything is frozen and compares by value, so that a playbook can be cached, shared between threads, and checked to be
the same after it was written and read again. Weeks are working weeks counted from 1: an item's within its phase, a
phase's within the program. Who may have which value is the loader's business; these classes only hold it.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from program.ground.records import record

LANGUAGES = ("en", "pl")

# Lengths in characters. They are the format's own; whoever stores such texts must have room for them.
KEY_MAX = 60
NAME_MAX = 120
TITLE_MAX = 200
TEXT_MAX = 10_000
CRITERION_MAX = 300
TAG_MAX = 40
WEEKS_MAX = 260


_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")


def tidy(text: str) -> str:
    """A text without white space around it, every line ended in the same way."""
    return _LINE_END.sub("\n", text).strip()


@record
class Text:
    """One text in the languages its playbook is written in; a language that is missing is empty.

    It is kept tidy: without white space around it, its lines ended in one way. A browser's form sends other line ends,
    and the same words must be the same text wherever they came from.
    """

    en: str = ""
    pl: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "en", tidy(self.en))
        object.__setattr__(self, "pl", tidy(self.pl))

    def in_(self, locale: object) -> str:
        """The text for a locale ('pl', 'pl_PL', a Babel Locale), or in the language that there is."""
        wanted = self.pl if str(locale)[:2].lower() == "pl" else self.en
        return wanted or self.en or self.pl

    def __bool__(self) -> bool:
        return bool(self.en or self.pl)


class ItemKind(StrEnum):
    """A milestone is an item without length: it is reached at the end of its week."""

    ITEM = "item"
    MILESTONE = "milestone"


class CriterionKind(StrEnum):
    """How a gate's criterion is settled: worked out from the program, or ticked by a named person.

    A later room that brings its own kind of criterion (KPI, pulse, risks) adds it here; the loader then has to be told
    which keys such a criterion carries in a file (`read_criterion`).
    """

    REQUIRED_ITEMS = "required_items"
    NO_BLOCKERS = "no_blockers"
    NO_OVERDUE_CONDITIONS = "no_overdue_conditions"
    DEPENDENCIES_MET = "dependencies_met"
    MANUAL = "manual"
    ROLES = "roles"
    TRAINING = "training"
    COVERAGE = "coverage"


# They stand in every gate, in this order, before its own criteria; a file therefore does not list them.
COMPUTED_KINDS = (
    CriterionKind.REQUIRED_ITEMS,
    CriterionKind.NO_BLOCKERS,
    CriterionKind.NO_OVERDUE_CONDITIONS,
    CriterionKind.DEPENDENCIES_MET,
)


# A file asks for them where they make sense. They are worked out too, and worded by the product.
ASKED_KINDS = (CriterionKind.ROLES, CriterionKind.TRAINING, CriterionKind.COVERAGE)


@record
class Criterion:
    """One condition of a gate. A computed one has no text: its wording is the product's, not the playbook's."""

    key: str
    kind: CriterionKind
    text: Text = Text()


COMPUTED_CRITERIA = tuple(Criterion(kind.value, kind) for kind in COMPUTED_KINDS)


@record
class Gate:
    """The decision that lets a program leave a phase: when it falls, what it asks, which KPIs it looks at."""

    key: str
    name: Text
    week: int
    criteria: tuple[Criterion, ...] = COMPUTED_CRITERIA
    kpis: tuple[str, ...] = ()

    @property
    def manual_criteria(self) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.kind is CriterionKind.MANUAL)

    @property
    def own_criteria(self) -> tuple[Criterion, ...]:
        """What this gate asks beside what every gate asks, in the file's order."""
        return tuple(criterion for criterion in self.criteria if criterion.kind not in COMPUTED_KINDS)


@record
class Block:
    """A named stretch of weeks inside a phase, such as weeks 1 to 2 of the pilot."""

    key: str
    name: Text
    first_week: int
    last_week: int


@record
class Item:
    """One line of a checklist, or a milestone: what done looks like, who usually owns it, and in which weeks.

    `after` holds the keys of the items that must be finished before this one starts; they may stand in any phase.
    """

    key: str
    title: Text
    first_week: int
    last_week: int
    description: Text = Text()
    kind: ItemKind = ItemKind.ITEM
    required: bool = True
    role: str | None = None
    block: str | None = None
    channel: str | None = None
    tags: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@record
class Phase:
    """A stretch of the program with one purpose. It starts when the one before it ends, unless told otherwise:
    earlier by `overlaps_previous_weeks`, or later by `gap_before_weeks` (never both)."""

    key: str
    name: Text
    weeks: int
    purpose: Text = Text()
    overlaps_previous_weeks: int = 0
    gap_before_weeks: int = 0
    blocks: tuple[Block, ...] = ()
    items: tuple[Item, ...] = ()
    gate: Gate | None = None


@record
class Tag:
    """A label that items of this playbook may carry, with the word shown to people."""

    key: str
    name: Text


@record
class PhaseWeeks:
    """Where a phase lies in the program: its first and last working week, counted from the program's first."""

    phase: Phase
    first_week: int
    last_week: int


@record
class Playbook:
    """A ready plan to make programs from."""

    key: str
    name: Text
    phases: tuple[Phase, ...]
    summary: Text = Text()
    languages: tuple[str, ...] = LANGUAGES
    tags: tuple[Tag, ...] = ()

    def schedule(self) -> tuple[PhaseWeeks, ...]:
        """Every phase with its weeks in the program, in the playbook's order."""
        placed: list[PhaseWeeks] = []
        next_week = 1
        for phase in self.phases:
            first = next_week - phase.overlaps_previous_weeks + phase.gap_before_weeks
            last = first + phase.weeks - 1
            placed.append(PhaseWeeks(phase, first, last))
            next_week = last + 1
        return tuple(placed)

    @property
    def weeks(self) -> int:
        """How many working weeks the program takes, overlaps counted once."""
        return max(placed.last_week for placed in self.schedule())

    def items(self) -> Iterator[Item]:
        """Every item and milestone, phase by phase."""
        for phase in self.phases:
            yield from phase.items

    def tag_name(self, key: str, locale: object) -> str:
        """The word shown for a tag of this playbook. Raises KeyError for a tag it does not have."""
        return {tag.key: tag.name for tag in self.tags}[key].in_(locale)
