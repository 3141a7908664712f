"""Reads a playbook file and checks it to the last key; and gives out the built-in ones.

A wrong file is refused as a whole, with every problem, its line and a plain reason (`problems`). The format is
explained in docs/playbooks.md, which a test holds against the keys below.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path

from . import links
from .document import Listing, Mapping, Node, Scalar, read, shown
from .fields import Fields
from .model import (
    ASKED_KINDS,
    COMPUTED_CRITERIA,
    CRITERION_MAX,
    LANGUAGES,
    TAG_MAX,
    TEXT_MAX,
    TITLE_MAX,
    WEEKS_MAX,
    Block,
    Criterion,
    CriterionKind,
    Gate,
    Item,
    ItemKind,
    Phase,
    Playbook,
    Tag,
)
from .problems import Findings
from .roles import roles
from .vocabulary import CHANNELS, KPI_CODES

ITEMS_MAX = 2_000
FOLDER = Path(__file__).parent / "catalogue"
# In the order in which a manager is offered them.
BUILTIN_KEYS = ("rollout", "small-company", "cross-functional-team")

# Every key of the format: what it stands in -> (those that must be there, those that may).
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "playbook": (("key", "name", "phases"), ("summary", "languages", "tags")),
    "phase": (
        ("key", "name", "weeks"),
        ("purpose", "overlaps_previous_weeks", "gap_before_weeks", "blocks", "items", "gate"),
    ),
    "block": (("key", "name", "week"), ()),
    "item": (
        ("key", "title", "week"),
        ("description", "kind", "required", "role", "block", "channel", "tags", "after"),
    ),
    "gate": (("key", "name"), ("week", "criteria", "kpis")),
    "criterion": (("key",), ("kind", "text")),
}


@cache
def catalogue() -> tuple[Playbook, ...]:
    """The built-in playbooks, read at the first call and kept."""
    return tuple(builtin(key) for key in BUILTIN_KEYS)


@cache
def builtin(key: str) -> Playbook:
    """One built-in playbook. Raises KeyError when there is none with this key."""
    if key not in BUILTIN_KEYS:
        raise KeyError(key)
    file = FOLDER / f"{key}.yaml"
    return parse(file.read_bytes(), file.name)


def parse(source: str | bytes, name: str) -> Playbook:
    """The playbook in a file called `name` (for the reasons only). Raises PlaybookError with all that is wrong."""
    findings = Findings(name)
    playbook = _Reader(findings).playbook(read(source, findings))
    findings.raise_if_any()
    return playbook


class _Reader:
    """Reads one file from the outside in; remembers where keys were first used."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.languages: tuple[str, ...] = LANGUAGES
        self.tags: tuple[Tag, ...] = ()
        self.item_lines: dict[str, int] = {}
        self.after: list[tuple[str, list[Scalar]]] = []

    def fields(self, node: Node, what: str) -> Fields:
        required, optional = KEYS[what]
        return Fields(node, what, self.findings, required, optional, self.languages)

    def free(self, key: str, line: int, taken: dict[str, int]) -> None:
        """Notes a key that was used before; `taken` remembers the line of each first use."""
        if key in taken:
            self.findings.add(line, "taken", value=shown(key), first=taken[key])
        else:
            taken[key] = line

    def known(self, word: Scalar, code: str, words: Collection[str]) -> str:
        if word.value not in words:
            self.findings.add_unknown(word.line, code, word.value, sorted(words), value=shown(word.value))
        return word.value

    def known_word(self, fields: Fields, name: str, code: str, words: Collection[str]) -> str | None:
        """An optional word that must be one of `words`."""
        node = fields.node(name)
        if not isinstance(node, Scalar):
            return fields.word(name) or None
        return self.known(node, code, words)

    def playbook(self, node: Node) -> Playbook:
        self.languages = self.read_languages(node)
        fields = self.fields(node, "playbook")
        self.tags = self.read_tags(fields)
        phases = self.read_phases(fields)
        links.check(self.item_lines, self.after, self.findings)
        return Playbook(
            key=fields.key("key"),
            name=fields.text("name"),
            phases=phases,
            summary=fields.text("summary", TEXT_MAX, several_lines=True),
            languages=self.languages,
            tags=self.tags,
        )

    def read_languages(self, node: Node) -> tuple[str, ...]:
        """Read before everything else, because every text is checked against them."""
        if not isinstance(node, Mapping) or "languages" not in node.values:
            return LANGUAGES
        one_key = Mapping(node.line, {"languages": node.values["languages"]})
        fields = Fields(one_key, "playbook", self.findings, ("languages",))
        fields.entries("languages", at_least_one=True)
        words = fields.words("languages")
        for word in words:
            if word.value not in LANGUAGES:
                self.findings.add(word.line, "unknown-language", value=shown(word.value), known=", ".join(LANGUAGES))
        found = tuple(word.value for word in words if word.value in LANGUAGES)
        return found or LANGUAGES

    def read_tags(self, fields: Fields) -> tuple[Tag, ...]:
        return tuple(Tag(key, fields.text_of(value, key, TAG_MAX)) for key, _, value in fields.pairs("tags"))

    def read_phases(self, fields: Fields) -> tuple[Phase, ...]:
        nodes = fields.entries("phases", at_least_one=True)
        count = sum(_length(phase, "items") for phase in nodes)
        if count > ITEMS_MAX:
            self.findings.refuse(fields.line_of("phases"), "too-many-items", limit=ITEMS_MAX, count=count)
        phases: list[Phase] = []
        taken: dict[str, int] = {}
        gates: dict[str, int] = {}
        for node in nodes:
            before = phases[-1] if phases else None
            phases.append(self.read_phase(node, before, taken, gates))
        return tuple(phases)

    def read_phase(self, node: Node, before: Phase | None, taken: dict[str, int], gates: dict[str, int]) -> Phase:
        fields = self.fields(node, "phase")
        key = fields.key("key")
        self.free(key, fields.line_of("key"), taken)
        weeks = fields.number("weeks", 1, WEEKS_MAX, default=WEEKS_MAX)
        overlap = fields.number("overlaps_previous_weeks", 0, WEEKS_MAX, default=0)
        gap = fields.number("gap_before_weeks", 0, WEEKS_MAX, default=0)
        self.check_start(fields, before, overlap, gap)
        blocks = self.read_blocks(fields, weeks)
        return Phase(
            key=key,
            name=fields.text("name"),
            weeks=weeks,
            purpose=fields.text("purpose", TEXT_MAX, several_lines=True),
            overlaps_previous_weeks=overlap,
            gap_before_weeks=gap,
            blocks=blocks,
            items=tuple(self.read_item(item, weeks, blocks) for item in fields.entries("items")),
            gate=self.read_gate(fields.node("gate"), weeks, gates) if fields.has("gate") else None,
        )

    def check_start(self, fields: Fields, before: Phase | None, overlap: int, gap: int) -> None:
        line = fields.line_of("overlaps_previous_weeks" if overlap else "gap_before_weeks")
        if before is None:
            if overlap or gap:
                self.findings.add(line, "first-phase-shifted")
        elif overlap > before.weeks:
            self.findings.add(line, "overlap-too-long", weeks=before.weeks, overlap=overlap)
        if overlap and gap:
            self.findings.add(line, "overlap-and-gap")

    def read_span(self, fields: Fields, weeks: int) -> tuple[int, int]:
        """The weeks of a block or an item, which must lie in the phase."""
        first, last = fields.span("week") or (1, 1)
        if first < 1 or last > weeks:
            outside = first if first < 1 else last
            self.findings.add(fields.line_of("week"), "outside-phase", last=outside, weeks=weeks)
        return first, last

    def read_blocks(self, phase: Fields, weeks: int) -> tuple[Block, ...]:
        blocks: list[Block] = []
        taken: dict[str, int] = {}
        for node in phase.entries("blocks"):
            fields = self.fields(node, "block")
            key = fields.key("key")
            self.free(key, fields.line_of("key"), taken)
            first, last = self.read_span(fields, weeks)
            blocks.append(Block(key, fields.text("name"), first, last))
        return tuple(blocks)

    def read_item(self, node: Node, weeks: int, blocks: tuple[Block, ...]) -> Item:
        fields = self.fields(node, "item")
        key = fields.key("key")
        self.free(key, fields.line_of("key"), self.item_lines)
        first, last = self.read_span(fields, weeks)
        kind = self.known_word(fields, "kind", "unknown-kind", list(ItemKind)) if fields.has("kind") else None
        if kind == ItemKind.MILESTONE and first != last:
            self.findings.add(fields.line_of("week"), "milestone-span", first=first, last=last)
        after = fields.words("after")
        self.after.append((key, after))
        return Item(
            key=key,
            title=fields.text("title", TITLE_MAX),
            first_week=first,
            last_week=last,
            description=fields.text("description", TEXT_MAX, several_lines=True),
            kind=ItemKind(kind) if kind in list(ItemKind) else ItemKind.ITEM,
            required=fields.flag("required", default=True),
            role=self.known_word(fields, "role", "unknown-role", list(roles())),
            block=self.read_block_of(fields, first, last, blocks),
            channel=self.known_word(fields, "channel", "unknown-channel", CHANNELS),
            tags=self.read_item_tags(fields),
            after=tuple(word.value for word in after),
        )

    def read_item_tags(self, fields: Fields) -> tuple[str, ...]:
        names = [tag.key for tag in self.tags]
        return tuple(self.known(word, "unknown-tag", names) for word in fields.words("tags"))

    def read_block_of(self, fields: Fields, first: int, last: int, blocks: tuple[Block, ...]) -> str | None:
        key = self.known_word(fields, "block", "unknown-block", [block.key for block in blocks])
        block = next((block for block in blocks if block.key == key), None)
        if block is not None and not block.first_week <= first <= last <= block.last_week:
            facts = {"block": block.key, "from": block.first_week, "to": block.last_week}
            self.findings.add(fields.line_of("week"), "outside-block", first=first, last=last, **facts)
        return key

    def read_gate(self, node: Node, weeks: int, taken: dict[str, int]) -> Gate:
        fields = self.fields(node, "gate")
        key = fields.key("key")
        self.free(key, fields.line_of("key"), taken)
        keys: dict[str, int] = {}
        own = tuple(self.read_criterion(entry, keys) for entry in fields.entries("criteria"))
        return Gate(
            key=key,
            name=fields.text("name"),
            week=fields.number("week", 1, weeks, default=weeks),
            criteria=COMPUTED_CRITERIA + own,
            kpis=tuple(self.known(word, "unknown-kpi", KPI_CODES) for word in fields.words("kpis")),
        )

    def read_criterion(self, node: Node, taken: dict[str, int]) -> Criterion:
        """A gate's own criterion: a manual one with its text, or one of a kind that the product words itself."""
        fields = self.fields(node, "criterion")
        key = fields.key("key")
        self.free(key, fields.line_of("key"), taken)
        kind = self.known_word(fields, "kind", "unknown-kind", list(CriterionKind))
        if kind in [criterion.kind for criterion in COMPUTED_CRITERIA]:
            self.findings.add(fields.line_of("kind"), "computed-criterion", value=kind)
        if kind in ASKED_KINDS:
            if fields.has("text"):
                self.findings.add(fields.line_of("text"), "needless-text", value=shown(kind or ""))
            return Criterion(key, CriterionKind(kind))
        if not fields.has("text"):
            self.findings.add(fields.line, "missing-key", key="text")
        return Criterion(key, CriterionKind.MANUAL, fields.text("text", CRITERION_MAX))


def _length(node: Node, name: str) -> int:
    """How many entries a list inside a mapping has; 0 when there is no such list."""
    inner = node.values.get(name) if isinstance(node, Mapping) else None
    return len(inner.entries) if isinstance(inner, Listing) else 0
