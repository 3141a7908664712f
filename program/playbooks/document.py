"""From the bytes of a file to a tree of plain values with their line numbers: the part that trusts nobody.

An uploaded file may be anything. So YAML is read as a stream of parser events, from which only texts, lists and
mappings are built: no objects, no references (a few lines of which can grow to gigabytes), no tags, and bounded depth
and size.
Events rather than PyYAML's ready nodes, because a node no longer shows that somebody wrote a tag or an anchor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import Reader

from program.ground.records import record

from .problems import Findings, PlaybookError

SIZE_MAX = 512 * 1024
DEPTH_MAX = 12
SHOWN_MAX = 80

# libyaml where PyYAML was built with it: the same events, about eight times faster.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@record
class Scalar:
    """A value as it was written; `plain` when without quotes, so that only then `3` is a number."""

    value: str
    line: int
    plain: bool


@dataclass(slots=True)
class Listing:
    line: int
    entries: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys with their values; `key_lines` says where each key stands."""

    line: int
    values: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


@record
class Refused:
    """Stands where a value was refused and reported, so that nobody reports it again."""

    line: int


Node = Scalar | Listing | Mapping | Refused


def read(source: str | bytes, findings: Findings) -> Node:
    """The one document of a file. Raises PlaybookError when it cannot be read as YAML at all."""
    text = _decoded(source, findings)
    # Looked for here, because the parsers stop at such a character without saying on which line.
    if invisible := first_unprintable(text):
        at = text.index(invisible)
        findings.refuse(text.count("\n", 0, at) + 1, "unprintable", character=f"U+{ord(invisible):04X}")
    try:
        return _Builder(yaml.parse(text, Loader=LOADER), findings).document()
    except PlaybookError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        findings.refuse(mark.line + 1 if mark else 1, "syntax", detail=error.problem or error.context)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The parser in Python lets a character escape beyond Unicode ("\UFFFFFFFF") through to chr().
        findings.refuse(1, "syntax", detail=str(error))


def first_unprintable(text: str) -> str | None:
    """The first character that YAML does not allow in a file (control characters, halves of surrogate pairs)."""
    found = Reader.NON_PRINTABLE.search(text)
    return found.group() if found else None


def _decoded(source: str | bytes, findings: Findings) -> str:
    # A text is measured as the file it would be; characters that cannot be saved are reported as invisible ones later.
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > SIZE_MAX:
        findings.refuse(1, "too-large", limit=SIZE_MAX // 1024)
    if isinstance(source, str):
        text = source
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            findings.refuse(line, "not-utf8", byte=f"0x{data[error.start]:02X}")
    return text.removeprefix("\ufeff")


class _Builder:
    """Builds the tree from parser events, one value at a time."""

    def __init__(self, events: Iterator[yaml.Event], findings: Findings) -> None:
        self._events = events
        self._findings = findings

    def document(self) -> Node:
        next(self._events)  # the stream starts
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            self._findings.refuse(1, "empty-file")
        root = self._node(next(self._events), depth=0)
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._findings.refuse(_line(event), "several-documents")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        # Any: the event classes' common parent does not tell the type checker of anchors and tags.
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            self._findings.add(line, "alias", name=event.anchor)
            return Refused(line)
        if event.anchor is not None:
            self._findings.add(line, "anchor", name=event.anchor)
        if event.tag is not None:
            self._findings.add(line, "tag", name=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            # A tag takes away what the value would have been without it.
            return Refused(line) if event.tag is not None else Scalar(event.value, line, plain=event.implicit[0])
        if depth >= DEPTH_MAX:
            self._findings.refuse(line, "too-deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(line, depth)
        return self._mapping(line, depth)

    def _listing(self, line: int, depth: int) -> Listing:
        listing = Listing(line)
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            listing.entries.append(self._node(event, depth + 1))
        return listing

    def _mapping(self, line: int, depth: int) -> Mapping:
        mapping = Mapping(line)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key, Refused):
                continue
            if not isinstance(key, Scalar):
                self._findings.add(key.line, "key-not-text")
            elif key.value in mapping.values:
                first = mapping.key_lines[key.value]
                self._findings.add(key.line, "duplicate-key", key=shown(key.value), first=first)
            else:
                mapping.values[key.value] = value
                mapping.key_lines[key.value] = key.line
        return mapping


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def shown(value: str) -> str:
    """A value from the file, cut to what a sentence can carry."""
    return value if len(value) <= SHOWN_MAX else value[: SHOWN_MAX - 1] + "…"
